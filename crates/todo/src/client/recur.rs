//! `todo recur`: recurring tasks, their next dates, and what can be done to them.

use comfy_table::{Cell, Color};
use domain::{
    quick_add,
    recurrence::{RuleInput, Start},
};
use serde_json::{Value, json};

use super::{
    add,
    args::{Page as PageArgs, Recur},
    error::ClientError,
    http::{Request, read},
    output::{AMBER, BOLD, DIM, GREEN, finish, keep, page_line, plain, print, print_json, styled, table},
    session::{Person, Session},
    wire::{Page, Preview, RecurringTask},
    words,
};

const DATES_SHOWN: u32 = 5;

pub async fn run(session: Session, command: Recur) -> Result<(), ClientError> {
    match command {
        Recur::List { active, page } => list(session, active, &page).await,
        Recur::Add { text } => {
            let text = text.join(" ");
            if session.understand(&text).await?.recurrence.is_none() {
                let hint = "say how often, such as `every mon 9:00`, `every 3 days` or `every last friday`";
                return Err(ClientError::Usage(format!("no recurrence is understood in {text:?}: {hint}")));
            }
            add::make(session, &text).await
        }
        Recur::Preview { what, limit } => preview(session, &what.join(" "), limit).await,
        Recur::Show { recurring_task } => show(session, &recurring_task).await,
        Recur::Pause { recurring_task, until } => {
            let person = session.person().await?;
            let until = match until {
                Some(until) => Some(person.moment(&session, &until).await?),
                None => None,
            };
            let done = until.map_or_else(
                || "paused; `todo recur resume` lets it go on".to_owned(),
                |until| format!("paused until {}", words::moment(until, &person.zone, person.now)),
            );
            change(session, &recurring_task, "pause", json!({"until": until}), &done).await
        }
        Recur::Resume { recurring_task } => change(session, &recurring_task, "resume", Value::Null, "goes on").await,
        Recur::Skip { recurring_task, slot } => {
            change(session, &recurring_task, "skip", json!({"slot": slot}), "one skipped").await
        }
        Recur::Delete { recurring_task } => {
            let id = session.recurring_task(&recurring_task)?;
            let answer = session.api.send(Request::delete(format!("api/recurring-tasks/{id}"))).await?;
            if session.json {
                return print_json(&answer);
            }
            print(format!("{recurring_task}  {}", styled(GREEN, "deleted; the tasks that it made stay")))
        }
    }
}

async fn list(mut session: Session, active: bool, page: &PageArgs) -> Result<(), ClientError> {
    let request = Request::get("api/recurring-tasks")
        .query_if("is_active", active.then_some(true))
        .query("page", page.page)
        .query("page_size", page.page_size);
    let answer = session.api.send(request).await?;
    let page: Page<RecurringTask> = read(&answer)?;
    session.shown.recurring_tasks = page.items.iter().map(|rule| rule.recurring_task.id.0).collect();
    session.shown.save()?;
    if session.json {
        return print_json(&answer);
    }
    if page.total == 0 {
        return print("No recurring tasks. Add one: todo recur add Weekly standup every mon 9:00");
    }
    let person = session.person().await?;
    let mut table = table(["#", "recurring task", "rule", "next"]);
    for (index, rule) in page.items.iter().enumerate() {
        let title = Cell::new(plain(&rule.recurring_task.title));
        table.add_row([
            Cell::new(index + 1).fg(Color::DarkGrey),
            if rule.recurring_task.is_active { title } else { title.fg(Color::DarkGrey) },
            Cell::new(plain(&rule.in_words)),
            next_cell(rule, &person),
        ]);
    }
    keep(&mut table, &[0, 3]);
    let mut text = finish(&mut table);
    text.extend(page_line(page.items.len(), page.page, page.page_size, page.total).map(|line| format!("\n{line}")));
    print(text)
}

/// `paused`, `over`, or when it comes next.
fn next_words(rule: &RecurringTask, person: &Person) -> String {
    let rule = &rule.recurring_task;
    let words = |at| words::moment(at, &person.zone, person.now);
    match (rule.paused, rule.paused_until, rule.next_due_at) {
        (true, Some(until), _) => format!("paused until {}", words(until)),
        (true, None, _) => "paused".to_owned(),
        (false, _, Some(next)) => words(next),
        (false, _, None) if rule.is_active => "when it is completed".to_owned(),
        (false, _, None) => "over".to_owned(),
    }
}

fn next_cell(rule: &RecurringTask, person: &Person) -> Cell {
    let cell = Cell::new(next_words(rule, person));
    match (rule.recurring_task.paused, rule.recurring_task.is_active) {
        (true, _) => cell.fg(Color::Yellow),
        (false, false) => cell.fg(Color::DarkGrey),
        (false, true) => cell,
    }
}

async fn show(session: Session, text: &str) -> Result<(), ClientError> {
    let id = session.recurring_task(text)?;
    let path = format!("api/recurring-tasks/{id}");
    let answer = session.api.send(Request::get(&path)).await?;
    if session.json {
        return print_json(&answer);
    }
    let rule: RecurringTask = read(&answer)?;
    let request = Request::get(format!("{path}/preview")).query("limit", DATES_SHOWN);
    let (person, preview): (_, Preview) = tokio::try_join!(session.person(), session.api.fetch(request))?;
    let line = |name: &str, value: &str| format!("  {} {value}", styled(DIM, format!("{name:<8}")));
    let mut lines = vec![
        styled(BOLD, plain(&rule.recurring_task.title)),
        line("rule", &plain(&rule.in_words)),
        line("next", &next_words(&rule, &person)),
        line("zone", &plain(&rule.recurring_task.time_zone)),
    ];
    lines.extend(rule.rrule.as_deref().map(|rrule| line("RRULE", &plain(rrule))));
    if !rule.skipped.is_empty() {
        lines.push(line("skipped", &format!("{} ahead", rule.skipped.len())));
    }
    lines.push(line("id", &rule.recurring_task.id.to_string()));
    lines.push(String::new());
    lines.extend(dates(&preview));
    print(lines.join("\n"))
}

async fn preview(session: Session, what: &str, limit: u32) -> Result<(), ClientError> {
    let request = match session.recurring_task(what) {
        Ok(id) => Request::get(format!("api/recurring-tasks/{id}/preview")).query("limit", limit),
        Err(_) => {
            let person = session.person().await?;
            let line = quick_add::parse(what, person.now, &person.zone);
            let unclear =
                || ClientError::Usage(format!("{what:?} is no recurring task, and no recurrence is understood in it"));
            let mut body = rule_body(&line.recurrence.ok_or_else(unclear)?);
            body["limit"] = limit.into();
            Request::post("api/recurring-tasks/preview", body)
        }
    };
    let answer = session.api.send(request).await?;
    if session.json {
        return print_json(&answer);
    }
    let preview: Preview = read(&answer)?;
    let mut lines = vec![styled(BOLD, plain(&preview.in_words))];
    lines.extend(preview.rrule.as_deref().map(|rrule| styled(DIM, plain(rrule))));
    lines.extend(dates(&preview));
    print(lines.join("\n"))
}

/// The rule's fields as the API takes them.
fn rule_body(rule: &RuleInput) -> Value {
    let mut body = serde_json::to_value(&rule.pattern).unwrap_or_default();
    body["time_zone"] = rule.zone.name().into();
    body["start_date"] = match rule.start {
        Start::At(at) => at.to_string().into(),
        Start::Day(date) => date.to_string().into(),
    };
    body["end_date"] = json!(rule.end_date);
    body["count"] = json!(rule.count);
    body["basis"] = json!(rule.basis);
    body
}

fn dates(preview: &Preview) -> Vec<String> {
    let line = |occurrence: &super::wire::Occurrence| {
        let note = occurrence.note.as_deref().map(|note| format!("  {}", styled(AMBER, plain(note))));
        format!("  {}{}", words::in_full(occurrence.local), note.unwrap_or_default())
    };
    if preview.occurrences.is_empty() {
        return vec!["  no more dates".to_owned()];
    }
    preview.occurrences.iter().map(line).collect()
}

async fn change(session: Session, text: &str, action: &str, body: Value, done: &str) -> Result<(), ClientError> {
    let id = session.recurring_task(text)?;
    let answer = session.api.send(Request::patch(format!("api/recurring-tasks/{id}/{action}"), body)).await?;
    if session.json {
        return print_json(&answer);
    }
    let (person, rule) = (session.person().await?, read::<RecurringTask>(&answer)?);
    let next =
        if rule.recurring_task.paused { String::new() } else { format!("  next {}", next_words(&rule, &person)) };
    print(format!("{}  {}{next}", styled(BOLD, plain(&rule.recurring_task.title)), styled(GREEN, done)))
}

#[cfg(test)]
mod tests {
    use domain::Zone;

    use super::*;

    #[test]
    fn a_line_of_words_becomes_the_fields_that_the_api_takes() {
        let now = "2026-01-14T11:00:00Z".parse().unwrap();
        let line = quick_add::parse("Standup every mon 9:00", now, &Zone::parse("Europe/Berlin").unwrap());
        let body = rule_body(&line.recurrence.unwrap());
        assert_eq!(body["recurrence_type"], "weekly");
        assert_eq!(body["weekdays"], json!(["monday"]));
        assert_eq!(body["start_date"], "2026-01-19T08:00:00Z");
        assert_eq!(body["time_zone"], "Europe/Berlin");
        assert_eq!(body["count"], Value::Null);
    }
}
