//! Tasks and pages in words.

use anstyle::Style;
use comfy_table::{Cell, Color};
use domain::DueState;

pub use crate::terminal::{AMBER, BOLD, DIM, GREEN, RED, finish, keep, plain, plain_lines, styled, table};

use super::{
    error::ClientError,
    session::Person,
    wire::{Project, Task},
    words,
};
use crate::terminal;

pub fn print(text: impl AsRef<str>) -> Result<(), ClientError> {
    terminal::print(text).map_err(|error| output_failed(&error))
}

/// As the API answered.
pub fn print_json(answer: &serde_json::Value) -> Result<(), ClientError> {
    terminal::print_json(answer).map_err(|error| output_failed(&error))
}

fn output_failed(error: &std::io::Error) -> ClientError {
    ClientError::Refused(format!("standard output: {error}"))
}

/// The due date with its mark: `!` overdue, `*` within a day.
pub fn due_cell(task: &Task, person: &Person) -> Cell {
    let Some(due) = &task.task.due_date else { return Cell::new("") };
    let words = words::due(due, &person.zone, person.now);
    match task.due_state {
        DueState::Overdue => Cell::new(format!("! {words}")).fg(Color::Red),
        DueState::DueSoon => Cell::new(format!("* {words}")).fg(Color::Yellow),
        DueState::Upcoming | DueState::None => Cell::new(format!("  {words}")),
    }
}

/// The same behind a name that says `due`: `today 17:00`, `yesterday 17:00, overdue`.
pub fn due_words(task: &Task, person: &Person) -> Option<String> {
    let words = words::due(task.task.due_date.as_deref()?, &person.zone, person.now);
    Some(match task.due_state {
        DueState::Overdue => styled(RED, format!("{words}, overdue")),
        DueState::DueSoon => styled(AMBER, words),
        DueState::Upcoming | DueState::None => styled(Style::new(), words),
    })
}

/// The same in a sentence: `due today 17:00`, `due yesterday 17:00, overdue`.
pub fn due_text(task: &Task, person: &Person) -> Option<String> {
    due_words(task, person).map(|words| format!("due {words}"))
}

pub fn project_name(projects: &[Project], task: &Task) -> String {
    let found = projects.iter().find(|project| Some(project.id) == task.task.project_id);
    found.map_or_else(String::new, |project| format!("#{}", plain(&project.name)))
}

pub fn tags(tags: &[String]) -> String {
    tags.iter().map(|tag| format!("@{}", plain(tag))).collect::<Vec<_>>().join(" ")
}

/// `21–40 of 57`, where there is more than the page shows.
pub fn page_line(shown: usize, page: u64, page_size: u64, total: u64) -> Option<String> {
    let shown = shown as u64;
    if shown >= total {
        return None;
    }
    let before = page.saturating_sub(1) * page_size;
    let line = match shown {
        0 => format!("nothing on page {page}; {total} in all"),
        _ if before + shown < total => {
            format!("{}–{} of {total}; --page {} for more", before + 1, before + shown, page + 1)
        }
        _ => format!("{}–{} of {total}", before + 1, before + shown),
    };
    Some(styled(DIM, line))
}

#[cfg(test)]
mod tests {
    use domain::Zone;
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_part_says_which_part() {
        let line = |shown, page, total| {
            page_line(shown, page, 20, total).map(|line| anstream::adapter::strip_str(&line).to_string())
        };
        assert_eq!(line(5, 1, 5), None);
        assert_eq!(line(20, 1, 57).as_deref(), Some("1–20 of 57; --page 2 for more"));
        assert_eq!(line(17, 3, 57).as_deref(), Some("41–57 of 57"));
        assert_eq!(line(0, 9, 57).as_deref(), Some("nothing on page 9; 57 in all"));
    }

    fn seen(due_state: &str, due_date: &str) -> (String, String) {
        let id = "01900000-0000-7000-8000-0000000aaaa1";
        let task: Task = serde_json::from_value(json!({
            "id": id, "user_id": id, "title": "Call Ana", "description": "", "priority": 2, "tags": [],
            "project_id": null, "parent_id": null, "due_date": due_date, "time_zone": "UTC", "completed": false,
            "completed_at": null, "recurring_task_id": null, "slot": null, "notified": false, "snoozed_until": null,
            "version": 1, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
            "deleted_at": null, "due_state": due_state, "a_field_of_tomorrow": true,
        }))
        .unwrap();
        let now = "2026-01-14T11:00:00Z".parse().unwrap();
        let person = Person { zone: Zone::utc(), all_day_time: "09:00".into(), now };
        let text = due_text(&task, &person).unwrap();
        (due_cell(&task, &person).content(), anstream::adapter::strip_str(&text).to_string())
    }

    #[test]
    fn what_is_overdue_or_soon_says_so_without_its_colour() {
        let overdue = seen("overdue", "2026-01-13T17:00:00Z");
        assert_eq!(overdue, ("! yesterday 17:00".into(), "due yesterday 17:00, overdue".into()));
        assert_eq!(seen("due_soon", "2026-01-14"), ("* today".into(), "due today".into()));
        assert_eq!(seen("upcoming", "2026-03-01"), ("  1 Mar".into(), "due 1 Mar".into()));
    }
}
