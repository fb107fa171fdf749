//! Cuts a line into words and reads them one after the other. Knows white space, punctuation and quotes, but no
//! meaning.

use super::Span;

/// May stand behind a word without belonging to it: `tomorrow,` is read as `tomorrow`.
const PUNCTUATION: [char; 6] = [',', '.', ';', ':', '!', '?'];

/// An opening quote and what closes it.
const QUOTES: [(char, &[char]); 4] = [('"', &['"']), ('“', &['”']), ('„', &['“', '”']), ('«', &['»'])];

/// What lies between two white spaces; a quoted part, with what is glued to it, is one word.
#[derive(Debug)]
pub struct Word<'a> {
    /// As it was typed.
    pub raw: &'a str,
    /// Without the punctuation behind it; empty when quoted.
    pub core: &'a str,
    /// The core in lower case (ASCII letters only: every word of the grammar is ASCII).
    pub lower: String,
    /// The punctuation behind the core.
    pub tail: &'a str,
    pub quote: Option<Quote<'a>>,
    /// Where it begins, in bytes and in UTF-16 code units.
    start: usize,
    utf16_start: usize,
}

/// A quoted word: `head"inner"tail`.
#[derive(Debug)]
pub struct Quote<'a> {
    /// Opening brackets, or the `#` of a project.
    pub head: &'a str,
    pub inner: &'a str,
    /// Up to the next white space.
    pub tail: &'a str,
}

impl Word<'_> {
    /// Whether a phrase cannot go on behind it.
    pub fn ends_phrase(&self) -> bool {
        !self.tail.is_empty()
    }

    /// The quotes and what is in them.
    pub fn quote_span(&self) -> Option<Span> {
        let quote = self.quote.as_ref()?;
        let whole = Span::of(std::slice::from_ref(self));
        Some(Span {
            start: whole.start + quote.head.len(),
            end: whole.end - quote.tail.len(),
            utf16_start: whole.utf16_start + utf16_length(quote.head),
            utf16_end: whole.utf16_end - utf16_length(quote.tail),
        })
    }

    /// The word in a title: without quotes, and with single spaces.
    pub fn in_title(&self) -> String {
        match &self.quote {
            None => self.raw.to_owned(),
            Some(Quote { head, inner, tail }) => format!("{head}{}{tail}", fold(inner)),
        }
    }
}

/// Every white space becomes one space, and none is left at the ends.
pub fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Span {
    /// From the first word to the last.
    pub(super) fn of(words: &[Word]) -> Self {
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return Self::default() };
        Self {
            start: first.start,
            end: last.start + last.raw.len(),
            utf16_start: first.utf16_start,
            utf16_end: last.utf16_start + utf16_length(last.raw),
        }
    }
}

fn utf16_length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// All words of a line, in order. Linear in its length.
pub fn split(text: &str) -> Vec<Word<'_>> {
    // A quote that nothing closes is an ordinary character. Knowing the last closing one of each kind keeps a line of
    // many open quotes from being searched to its end for each of them.
    let last_closing = QUOTES.map(|(_, closing)| text.rfind(closing));
    let mut words = Vec::new();
    let (mut at, mut utf16_at) = (0, 0);
    while let Some(space) = text[at..].find(|c: char| !c.is_whitespace()) {
        utf16_at += utf16_length(&text[at..at + space]);
        at += space;
        let mut word = quoted(text, at, &last_closing).unwrap_or_else(|| plain(text, at));
        word.utf16_start = utf16_at;
        at += word.raw.len();
        utf16_at += utf16_length(word.raw);
        words.push(word);
    }
    words
}

fn plain(text: &str, start: usize) -> Word<'_> {
    let raw = &text[start..word_end(text, start)];
    let core = raw.trim_end_matches(PUNCTUATION);
    let (lower, tail) = (core.to_ascii_lowercase(), &raw[core.len()..]);
    Word { raw, core, lower, tail, quote: None, start, utf16_start: 0 }
}

/// A word that begins with a quote, behind opening brackets or a `#` at most.
fn quoted<'a>(text: &'a str, start: usize, last_closing: &[Option<usize>; QUOTES.len()]) -> Option<Word<'a>> {
    let rest = &text[start..];
    let behind_head = rest.strip_prefix('#').unwrap_or_else(|| rest.trim_start_matches(['(', '[', '{']));
    let first = behind_head.chars().next()?;
    let kind = QUOTES.iter().position(|(opening, _)| *opening == first)?;
    let inner_start = text.len() - behind_head.len() + first.len_utf8();
    if last_closing[kind].is_none_or(|last| last < inner_start) {
        return None;
    }
    let inner_end = inner_start + text[inner_start..].find(QUOTES[kind].1)?;
    let tail_start = inner_end + text[inner_end..].chars().next()?.len_utf8();
    let end = word_end(text, tail_start);
    let quote = Quote {
        head: &rest[..rest.len() - behind_head.len()],
        inner: &text[inner_start..inner_end],
        tail: &text[tail_start..end],
    };
    let (raw, lower) = (&text[start..end], String::new());
    Some(Word { raw, core: "", lower, tail: "", quote: Some(quote), start, utf16_start: 0 })
}

fn word_end(text: &str, start: usize) -> usize {
    text[start..].find(char::is_whitespace).map_or(text.len(), |length| start + length)
}

/// Whether nothing but punctuation, so that what stands before it may be read as if it stood alone.
pub fn is_punctuation(text: &str) -> bool {
    text.chars().all(|c| PUNCTUATION.contains(&c))
}

/// Reads a phrase word by word. Punctuation behind a word ends the phrase, unless it is asked for with
/// [`over`](Self::over). A copy is a place to come back to.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'w> {
    words: &'w [Word<'w>],
    at: usize,
    closed: bool,
}

impl<'w> Reader<'w> {
    pub fn new(words: &'w [Word<'w>], at: usize) -> Self {
        Self { words, at, closed: false }
    }

    /// Index of the next word.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The next word of the phrase; quoted words are none.
    pub fn peek(&self) -> Option<&'w Word<'w>> {
        self.words.get(self.at).filter(|word| !self.closed && word.quote.is_none())
    }

    /// Takes the next word if `read` makes something of it; `read` sees it in lower case.
    pub fn take<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let word = self.peek()?;
        let value = read(&word.lower)?;
        self.at += 1;
        self.closed = word.ends_phrase();
        Some(value)
    }

    /// Takes the next word if it is one of `words`.
    pub fn word(&mut self, words: &[&str]) -> Option<()> {
        self.take(|lower| words.contains(&lower).then_some(()))
    }

    /// As [`word`](Self::word), where the word may be missing.
    pub fn skip(&mut self, words: &[&str]) -> bool {
        self.word(words).is_some()
    }

    /// Goes on over one mark behind the last word, if that is what stands there.
    pub fn over(&mut self, mark: &str) -> bool {
        let behind = self.at.checked_sub(1).and_then(|last| self.words.get(last));
        let found = self.closed && behind.is_some_and(|word| word.tail == mark);
        if found {
            self.closed = false;
        }
        found
    }

    /// Reads a phrase, or stays where it is.
    pub fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let mut ahead = *self;
        let value = read(&mut ahead)?;
        *self = ahead;
        Some(value)
    }
}
