//! Times of the day: `17:00`, `5pm`, `5:30 pm`, `noon`, `at 9`.
//!
//! A bare number is a time only behind `at`. `midnight` is none: it does not say of which day.

use jiff::civil;

use super::{Read, names, words::Reader};

/// A time on the clock on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wall {
    pub time: civil::Time,
    /// Written without am or pm.
    pub bare: bool,
}

const HALVES: [(&str, Half); 4] =
    [("am", Half::Morning), ("pm", Half::Afternoon), ("a.m", Half::Morning), ("p.m", Half::Afternoon)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

/// A time at the reader, with the `at`, `by` or `due` before it.
pub fn read(start: Reader) -> Option<Read<Wall>> {
    let mut reader = start;
    let due = reader.skip(&["due"]);
    let at = reader.skip(&["at"]);
    let _ = at || reader.skip(&["by"]) || due;
    if let Some(wall) = reader.attempt(two_words).or_else(|| reader.take(one_word)) {
        return Some(Read { value: wall, end: reader.at(), loose: false });
    }
    if !at {
        return None;
    }
    // "look at 3 flats" names no time: whether a number does shows in what follows it.
    let hour = reader.take(|word| names::digits(word, 2))?;
    Some(Read { value: Wall { time: on_the_clock(hour, 0, None)?, bare: true }, end: reader.at(), loose: true })
}

/// `5 pm`
fn two_words(reader: &mut Reader) -> Option<Wall> {
    let (hour, minute) = reader.take(hour_and_minute)?;
    let half = reader.take(|word| HALVES.iter().find(|(name, _)| *name == word).map(|(_, half)| *half))?;
    Some(Wall { time: on_the_clock(hour, minute, Some(half))?, bare: false })
}

/// `17:00`, `5pm`, `noon`
pub fn one_word(word: &str) -> Option<Wall> {
    if word == "noon" {
        return Some(Wall { time: civil::time(12, 0, 0, 0), bare: false });
    }
    for (name, half) in HALVES {
        if let Some(clock) = word.strip_suffix(name) {
            let (hour, minute) = hour_and_minute(clock)?;
            return Some(Wall { time: on_the_clock(hour, minute, Some(half))?, bare: false });
        }
    }
    if !word.contains(':') {
        return None;
    }
    let (hour, minute) = hour_and_minute(word)?;
    Some(Wall { time: on_the_clock(hour, minute, None)?, bare: true })
}

/// `5` or `5:30`
fn hour_and_minute(clock: &str) -> Option<(u32, u32)> {
    let Some((hour, minute)) = clock.split_once(':') else {
        return Some((names::digits(clock, 2)?, 0));
    };
    let minute = names::digits(minute, 2).filter(|_| minute.len() == 2)?;
    Some((names::digits(hour, 2)?, minute))
}

fn on_the_clock(hour: u32, minute: u32, half: Option<Half>) -> Option<civil::Time> {
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(Half::Morning) => hour % 12,
        Some(Half::Afternoon) => hour % 12 + 12,
    };
    civil::Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
}
