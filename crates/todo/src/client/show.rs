//! `todo show`: one task, when it reminds, and what became of its reminders.

use serde_json::Value;

use super::{
    error::ClientError,
    http::{Request, read},
    output::{BOLD, DIM, GREEN, RED, due_words, plain, plain_lines, print, print_json, project_name, styled, tags},
    session::{Person, Session},
    wire::{Delivery, Page, Project, Reminders, Task},
    words,
};

pub async fn show(session: Session, text: &str) -> Result<(), ClientError> {
    let id = session.task(text)?;
    let answer: Value = session.api.send(Request::get(format!("api/tasks/{id}"))).await?;
    if session.json {
        return print_json(&answer);
    }
    let task: Task = read(&answer)?;
    let subtasks = Request::get("api/tasks").query("parent_id", id).query("sort", "created").query("page_size", 100);
    let deliveries = Request::get(format!("api/tasks/{id}/deliveries"));
    let (person, projects, reminders, deliveries, subtasks) = tokio::try_join!(
        session.person(),
        session.projects(),
        session.api.fetch::<Reminders>(Request::get(format!("api/tasks/{id}/reminders"))),
        session.api.fetch::<Page<Delivery>>(deliveries),
        session.api.fetch::<Page<Task>>(subtasks),
    )?;
    let mut text = facts(&task, &person, &projects);
    text.extend(told(&reminders, &deliveries.items, &person));
    if !subtasks.items.is_empty() {
        text.push(String::new());
        text.extend(subtasks.items.iter().map(|task| format!("  {} {}", tick(task), plain(&task.task.title))));
    }
    if !task.task.description.is_empty() {
        text.push(format!("\n{}", plain_lines(&task.task.description)));
    }
    print(text.join("\n"))
}

fn tick(task: &Task) -> String {
    if task.task.completed { styled(GREEN, "✓") } else { "○".to_owned() }
}

fn line(name: &str, value: impl std::fmt::Display) -> String {
    format!("  {} {value}", styled(DIM, format!("{name:<10}")))
}

fn facts(task: &Task, person: &Person, projects: &[Project]) -> Vec<String> {
    let ago = |at| words::moment(at, &person.zone, person.now);
    let mut lines = vec![format!("{} {}", tick(task), styled(BOLD, plain(&task.task.title)))];
    if let Some(due) = due_words(task, person) {
        let elsewhere = task.task.time_zone.as_deref().filter(|zone| *zone != person.zone.name());
        lines.push(line("due", format!("{due}{}", elsewhere.map_or_else(String::new, |zone| format!(" ({zone})")))));
    }
    let priority = words::priority(task.task.priority);
    let project = project_name(projects, task);
    let tags = tags(&task.task.tags);
    for (name, value) in [("priority", priority), ("project", &project), ("tags", &tags)] {
        if !value.is_empty() {
            lines.push(line(name, value));
        }
    }
    if let Some(rule) = task.task.recurring_task_id {
        lines.push(line("recurring", rule));
    }
    if let Some(at) = task.task.snoozed_until {
        lines.push(line("snoozed", format!("until {}", ago(at))));
    }
    if let Some(at) = task.task.completed_at {
        lines.push(line("completed", ago(at)));
    }
    lines.push(line("created", ago(task.task.created_at)));
    lines.push(line("id", task.task.id));
    lines
}

/// What lies ahead, then the ledger.
fn told(reminders: &Reminders, deliveries: &[Delivery], person: &Person) -> Vec<String> {
    let words = |at| words::moment(at, &person.zone, person.now);
    let mut lines = Vec::new();
    let own = if reminders.is_default { "" } else { " (its own list)" };
    for reminder in &reminders.upcoming {
        lines.push(line(
            "reminds",
            format!("{} ({}){own}", words(reminder.at), plain(&reminder.kind.replace('_', " "))),
        ));
    }
    for delivery in deliveries {
        let status = match delivery.status.as_str() {
            "sent" => styled(GREEN, "sent"),
            "failed" => styled(RED, "failed"),
            other => plain(other),
        };
        let when = delivery.sent_at.map_or_else(String::new, |at| format!(" {}", words(at)));
        let late = if delivery.late { ", late" } else { "" };
        let why = delivery.error.as_deref().map_or_else(String::new, |why| format!(": {}", plain(why)));
        let kind = plain(&delivery.kind.replace('_', " "));
        let channel = plain(&delivery.channel.replace('_', "-"));
        lines.push(line("told", format!("{kind}, {channel}: {status}{when}{late}{why}")));
    }
    lines
}
