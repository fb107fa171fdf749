//! `todo stats`: how it stands, and a bar for each day.

use super::{
    error::ClientError,
    http::{Request, read},
    output::{AMBER, BOLD, DIM, GREEN, RED, print, print_json, styled},
    session::Session,
    wire::{Day, Stats},
};

const LONGEST_BAR: i64 = 30;
/// Of `Wed 14 Jan`.
const DATE_WIDTH: usize = 10;

pub async fn stats(session: Session, days: u32) -> Result<(), ClientError> {
    let answer = session.api.send(Request::get("api/stats").query("days", days)).await?;
    if session.json {
        return print_json(&answer);
    }
    print(describe(&read(&answer)?))
}

fn describe(stats: &Stats) -> String {
    let count = |style, number: i64, what: &str| {
        let text = format!("{number} {what}");
        if number > 0 { styled(style, text) } else { text }
    };
    let streak = match stats.streak_days {
        0 => String::new(),
        1 => ", a day in a row".to_owned(),
        days => format!(", {days} days in a row"),
    };
    let mut lines = vec![
        format!(
            "{}: {}, {}",
            styled(BOLD, format!("{} open", stats.open)),
            count(RED, stats.overdue, "overdue"),
            count(AMBER, stats.due_soon, "due within a day"),
        ),
        format!(
            "{} of {} created, {} of them on time{streak}",
            styled(BOLD, format!("{} completed", stats.completed)),
            stats.created,
            stats.completed_on_time,
        ),
        String::new(),
    ];
    let most = stats.days.iter().map(|day| day.completed).max().unwrap_or(0);
    lines.extend(stats.days.iter().map(|day| bar(day, most)));
    lines.join("\n")
}

fn bar(day: &Day, most: i64) -> String {
    // As long as the number where that fits; a day with something never looks like one with nothing.
    let length = if most <= LONGEST_BAR { day.completed } else { (day.completed * LONGEST_BAR + most - 1) / most };
    let date = day.date.strftime("%a %-d %b").to_string();
    let mut line = styled(DIM, &date);
    if day.completed > 0 {
        let bar = "█".repeat(usize::try_from(length).unwrap_or(0));
        let pad = " ".repeat(DATE_WIDTH.saturating_sub(date.len()));
        line.push_str(&format!("{pad} {} {}", styled(GREEN, bar), day.completed));
    }
    if day.created > 0 {
        line.push_str(&styled(DIM, format!("  +{}", day.created)));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(completed: i64, created: i64, most: i64) -> String {
        let day = Day { date: "2026-01-14".parse().unwrap(), created, completed };
        anstream::adapter::strip_str(&bar(&day, most)).to_string()
    }

    #[test]
    fn bars_are_to_scale_and_no_day_with_something_is_empty() {
        assert_eq!(shown(3, 2, 5), "Wed 14 Jan ███ 3  +2");
        assert_eq!(shown(0, 0, 5), "Wed 14 Jan");
        assert_eq!(shown(300, 0, 300), format!("Wed 14 Jan {} 300", "█".repeat(30)));
        assert_eq!(shown(1, 0, 300), "Wed 14 Jan █ 1");
    }
}
