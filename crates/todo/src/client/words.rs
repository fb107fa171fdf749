//! Moments in words, as near as a person thinks of them: `in 20 min`, `tomorrow 17:00`, `Fri`, `4 Dec`.

use domain::{Timestamp, Zone};
use jiff::civil::{Date, DateTime};

/// How far away in days still goes by the weekday's name.
const NEAR_DAYS: i32 = 6;

/// A due date as on the wire, an instant or a date, seen from `now` in `zone`.
pub fn due(wire: &str, zone: &Zone, now: Timestamp) -> String {
    if let Some(at) = domain::due::parse_instant(wire) {
        return moment(at, zone, now);
    }
    match wire.parse::<Date>() {
        Ok(date) => day(date, zone.local(now).date()),
        Err(_) => wire.to_owned(),
    }
}

pub fn moment(at: Timestamp, zone: &Zone, now: Timestamp) -> String {
    let minutes = at.duration_since(now).as_secs_f64() / 60.0;
    if minutes.abs() < 60.0 {
        return match minutes.round() as i64 {
            0 => "now".to_owned(),
            ahead @ 1.. => format!("in {ahead} min"),
            past => format!("{} min ago", -past),
        };
    }
    let (local, today) = (zone.local(at), zone.local(now).date());
    format!("{} {}", day(local.date(), today), clock(local))
}

pub fn clock(local: DateTime) -> String {
    local.strftime("%H:%M").to_string()
}

fn day(date: Date, today: Date) -> String {
    let away = date.since(today).map_or(i32::MAX, |span| span.get_days());
    match away {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        2..=NEAR_DAYS => date.strftime("%a").to_string(),
        _ if date.year() == today.year() => date.strftime("%-d %b").to_string(),
        _ => date.strftime("%-d %b %Y").to_string(),
    }
}

/// With weekday and year: for lists of dates, where nothing is near.
pub fn in_full(local: DateTime) -> String {
    local.strftime("%a %-d %b %Y %H:%M").to_string()
}

/// Empty for the middle one, which needs no telling.
pub fn priority(number: u8) -> &'static str {
    match number {
        1 => "high",
        3 => "low",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A Wednesday, 12:00 in Berlin.
    fn seen(wire: &str) -> String {
        due(wire, &Zone::parse("Europe/Berlin").unwrap(), at("2026-01-14T11:00:00Z"))
    }

    #[test]
    fn near_moments_are_told_in_minutes() {
        assert_eq!(seen("2026-01-14T11:00:20Z"), "now");
        assert_eq!(seen("2026-01-14T11:20:00Z"), "in 20 min");
        assert_eq!(seen("2026-01-14T10:15:00Z"), "45 min ago");
    }

    #[test]
    fn near_days_go_by_their_names_in_the_persons_zone() {
        assert_eq!(seen("2026-01-14T16:00:00Z"), "today 17:00");
        assert_eq!(seen("2026-01-14T23:30:00Z"), "tomorrow 00:30");
        assert_eq!(seen("2026-01-13T16:00:00Z"), "yesterday 17:00");
        assert_eq!(seen("2026-01-16T08:00:00Z"), "Fri 09:00");
        assert_eq!(seen("2026-01-14"), "today");
        assert_eq!(seen("2026-01-20"), "Tue");
    }

    #[test]
    fn a_day_with_the_name_of_today_is_told_by_its_date() {
        assert_eq!(seen("2026-01-21"), "21 Jan");
        assert_eq!(seen("2026-01-12"), "12 Jan");
        assert_eq!(seen("2027-01-14"), "14 Jan 2027");
        assert_eq!(seen("2025-12-31T08:00:00Z"), "31 Dec 2025 09:00");
    }

    #[test]
    fn what_is_no_moment_is_shown_as_it_is() {
        assert_eq!(seen("later"), "later");
    }
}
