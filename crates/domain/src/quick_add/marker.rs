//! Words that begin with a mark: `#project`, `@tag`, `!30m`; and `p1`.

use jiff::civil;

use super::{
    names, time,
    words::{self, Word},
};
use crate::{ProjectName, Tag, reminder::MAX_MINUTES_BEFORE};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marker {
    Project(String),
    Tag(String),
    Priority(u8),
    MinutesBefore(u32),
    AtTime(civil::Time),
}

pub fn read(word: &Word) -> Option<Marker> {
    if let Some(quote) = &word.quote {
        let alone = quote.head == "#" && words::is_punctuation(quote.tail);
        return if alone { project(quote.inner) } else { None };
    }
    let begins_with_letter = |name: &str| name.starts_with(char::is_alphabetic);
    if let Some(name) = word.core.strip_prefix('#').filter(|name| begins_with_letter(name)) {
        return project(name);
    }
    if let Some(name) = word.core.strip_prefix('@').filter(|name| begins_with_letter(name)) {
        return Tag::parse(name).ok().map(|tag| Marker::Tag(tag.into_string()));
    }
    if let Some(when) = word.lower.strip_prefix('!') {
        return minutes(when).map(Marker::MinutesBefore).or_else(|| Some(Marker::AtTime(time::one_word(when)?.time)));
    }
    match word.lower.as_str() {
        "p1" => Some(Marker::Priority(1)),
        "p2" => Some(Marker::Priority(2)),
        "p3" => Some(Marker::Priority(3)),
        _ => None,
    }
}

fn project(name: &str) -> Option<Marker> {
    ProjectName::parse(&words::fold(name)).ok().map(|name| Marker::Project(name.into_string()))
}

/// `30m`, `2h`, `1d`, `2w`, `1h30m`: units from the longest to the shortest, each once; at most a year.
fn minutes(text: &str) -> Option<u32> {
    let (mut rest, mut total, mut longest) = (text, 0, u32::MAX);
    while !rest.is_empty() {
        let name_start = rest.find(|c: char| !c.is_ascii_digit())?;
        let name_end = rest[name_start..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |at| name_start + at);
        let unit_minutes = unit_minutes(&rest[name_start..name_end]).filter(|&minutes| minutes < longest)?;
        total += names::digits(&rest[..name_start], 4)? * unit_minutes;
        longest = unit_minutes;
        rest = &rest[name_end..];
    }
    (!text.is_empty() && total <= MAX_MINUTES_BEFORE).then_some(total)
}

fn unit_minutes(name: &str) -> Option<u32> {
    match names::unit(name)? {
        names::Unit::Minute => Some(1),
        names::Unit::Hour => Some(60),
        names::Unit::Day => Some(24 * 60),
        names::Unit::Week => Some(7 * 24 * 60),
        names::Unit::Month | names::Unit::Year => None,
    }
}
