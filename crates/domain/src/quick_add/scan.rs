//! Goes through the words of a line once, and asks at each what can be read there.
//!
//! Each kind is read once, and the first one wins; only tags and reminders may be many. What is not taken stays in
//! the title. Every recogniser looks a bounded number of words ahead, so the whole is linear.

use std::ops::Range;

use jiff::civil;

use super::{
    Hint, Present, Read, Span, Token, TokenKind,
    date::{self, Dated, Day},
    marker::{self, Marker},
    recurrence::{self, End, Every, Ruled},
    time::{self, Wall},
    words::{Reader, Word},
};
use crate::{reminder::MAX_REMINDERS, task::MAX_TAGS};

/// How many loose words in a row may lean on each other: `sat at 9`.
const MAX_LOOSE: usize = 3;

/// What was understood, as it was written.
#[derive(Debug, Default)]
pub struct Findings {
    /// The words that nothing was made of, by index.
    pub left_over: Vec<usize>,
    pub day: Option<Day>,
    pub wall: Option<Wall>,
    pub every: Option<Every>,
    pub end: Option<(End, Range<usize>)>,
    pub project: Option<String>,
    pub tags: Vec<String>,
    pub priority: Option<u8>,
    pub reminders: Vec<(Remind, Span)>,
    pub tokens: Vec<Token>,
    pub hints: Vec<Hint>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remind {
    Before(u32),
    At(civil::Time),
}

#[derive(Debug)]
enum Item {
    Day(Day),
    Wall(Wall),
    Every(Every),
    End(End),
    Marker(Marker),
    /// Stays in the title, with a hint.
    Impossible(String),
}

pub fn scan(words: &[Word], present: &Present) -> Findings {
    let scanner = Scanner { words, present, rule: None };
    let rule = (0..words.len()).find(|&at| scanner.is_rule(at)).or_else(|| scanner.adverb());
    Scanner { rule, ..scanner }.run()
}

struct Scanner<'s> {
    words: &'s [Word<'s>],
    present: &'s Present<'s>,
    /// The word at which the rule begins, if the line has one.
    rule: Option<usize>,
}

impl Scanner<'_> {
    fn is_rule(&self, at: usize) -> bool {
        recurrence::read_every(self.reader(at)).is_some_and(|read| matches!(read.value, Ruled::Every(_)))
    }

    /// `daily` and the like make a rule only where no `every` does.
    fn adverb(&self) -> Option<usize> {
        (0..self.words.len()).find(|&at| {
            recurrence::read_adverb(self.reader(at)).is_some_and(|read| {
                let beside_it = Scanner { rule: Some(at), ..*self };
                !read.loose || beside_it.no_plain_word_at(read.end, MAX_LOOSE)
            })
        })
    }

    fn reader(&self, at: usize) -> Reader<'_> {
        Reader::new(self.words, at)
    }

    fn run(&self) -> Findings {
        let mut findings = Findings::default();
        let mut behind_read = false;
        let mut at = 0;
        while at < self.words.len() {
            let read = self
                .recognise(at, behind_read)
                .filter(|read| !read.loose || self.no_plain_word_at(read.end, MAX_LOOSE));
            let range = at..read.as_ref().map_or(at + 1, |read| read.end);
            at = range.end;
            behind_read = read.is_some_and(|read| findings.accept(read.value, range.clone(), self.words));
            if !behind_read {
                findings.tokens.extend(self.words[range.clone()].iter().filter_map(quoted_token));
                findings.left_over.extend(range);
            }
        }
        findings
    }

    fn recognise(&self, at: usize, behind_read: bool) -> Option<Read<Item>> {
        let sure = |value, end| Some(Read { value, end, loose: false });
        let reader = self.reader(at);
        if let Some(marker) = marker::read(&self.words[at]) {
            return sure(Item::Marker(marker), at + 1);
        }
        if let Some(read) = recurrence::read_every(reader) {
            return Some(read.map(|ruled| match ruled {
                Ruled::Every(every) => Item::Every(every),
                Ruled::Impossible(why) => Item::Impossible(why.to_owned()),
            }));
        }
        if self.rule == Some(at) {
            // It was found not to be too loose when the rule was chosen.
            return recurrence::read_adverb(reader).and_then(|read| sure(Item::Every(read.value), read.end));
        }
        if self.rule.is_some()
            && let Some(read) = recurrence::read_end(reader, self.present, behind_read)
        {
            return Some(read.map(Item::End));
        }
        if let Some(read) = date::read(reader, self.present, self.rule.is_some()) {
            return Some(read.map(|dated| match dated {
                Dated::Day(day) | Dated::Loose(day) => Item::Day(day),
                Dated::Impossible(why) => Item::Impossible(why),
            }));
        }
        time::read(reader).map(|read| read.map(Item::Wall))
    }

    /// Whether the line ends here, the phrase does, or something understood begins.
    fn no_plain_word_at(&self, at: usize, depth: usize) -> bool {
        if at == self.words.len() || self.words[at - 1].ends_phrase() {
            return true;
        }
        match self.recognise(at, true) {
            None | Some(Read { value: Item::Impossible(_), .. }) => false,
            Some(read) => !read.loose || depth > 1 && self.no_plain_word_at(read.end, depth - 1),
        }
    }
}

fn quoted_token(word: &Word) -> Option<Token> {
    word.quote_span().map(|span| Token { span, kind: TokenKind::Quoted })
}

impl Findings {
    /// Notes an item, unless its kind was there before; whether it was noted.
    fn accept(&mut self, item: Item, range: Range<usize>, words: &[Word]) -> bool {
        let span = Span::of(&words[range.clone()]);
        let kind = match item {
            Item::Impossible(message) => {
                self.hints.push(Hint { span, message });
                return false;
            }
            Item::Day(day) => self.accept_day(day).then_some(TokenKind::Date),
            Item::Wall(wall) => self.accept_wall(wall).then_some(TokenKind::Time),
            Item::Every(every) => set(&mut self.every, every).then_some(TokenKind::Recurrence),
            Item::End(end) => set(&mut self.end, (end, range)).then_some(TokenKind::Recurrence),
            Item::Marker(marker) => self.accept_marker(marker, span),
        };
        let Some(kind) = kind else { return false };
        self.tokens.push(Token { span, kind });
        true
    }

    /// Gives the words of the rule's end back to the title, with a hint.
    pub fn refuse_end(&mut self, range: Range<usize>, words: &[Word], message: String) {
        let span = Span::of(&words[range.clone()]);
        self.hints.push(Hint { span, message });
        self.tokens.retain(|token| token.span != span);
        let place = self.left_over.partition_point(|&index| index < range.start);
        self.left_over.splice(place..place, range);
        self.end = None;
    }

    /// What is left over, and no comma that led to a word that was taken.
    pub fn title(&self, words: &[Word]) -> String {
        let parts = self.left_over.iter().map(|&index| words[index].in_title());
        let mut title = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        if self.left_over.last().is_some_and(|&last| last + 1 < words.len()) {
            title.truncate(title.trim_end_matches([',', ';', ' ']).len());
        }
        title
    }

    fn accept_day(&mut self, day: Day) -> bool {
        // `in 2 hours` names a time too.
        let contradicts = matches!(day, Day::Instant(_)) && self.wall.is_some();
        !contradicts && set(&mut self.day, day)
    }

    fn accept_wall(&mut self, wall: Wall) -> bool {
        let contradicts = matches!(self.day, Some(Day::Instant(_)));
        !contradicts && set(&mut self.wall, wall)
    }

    fn accept_marker(&mut self, marker: Marker, span: Span) -> Option<TokenKind> {
        match marker {
            Marker::Project(name) => set(&mut self.project, name).then_some(TokenKind::Project),
            Marker::Priority(priority) => set(&mut self.priority, priority).then_some(TokenKind::Priority),
            Marker::Tag(tag) => {
                let known = self.tags.contains(&tag);
                if !known && self.tags.len() == MAX_TAGS {
                    return None;
                }
                self.tags.extend((!known).then_some(tag));
                Some(TokenKind::Tag)
            }
            Marker::MinutesBefore(minutes) => self.accept_reminder(Remind::Before(minutes), span),
            Marker::AtTime(time) => self.accept_reminder(Remind::At(time), span),
        }
    }

    fn accept_reminder(&mut self, remind: Remind, span: Span) -> Option<TokenKind> {
        let known = self.reminders.iter().any(|(other, _)| *other == remind);
        if !known && self.reminders.len() == MAX_REMINDERS {
            return None;
        }
        self.reminders.extend((!known).then_some((remind, span)));
        Some(TokenKind::Reminder)
    }
}

/// Fills an empty place; whether it was empty.
fn set<T>(place: &mut Option<T>, value: T) -> bool {
    let free = place.is_none();
    if free {
        *place = Some(value);
    }
    free
}
