//! `todo history`: what happened to a task, and who did it.

use comfy_table::Cell;

use super::{
    args::Page as PageArgs,
    error::ClientError,
    http::{Request, read},
    output::{finish, keep, page_line, plain, print, print_json, table},
    session::Session,
    wire::{History, Page},
    words,
};

pub async fn history(session: Session, text: &str, page: &PageArgs) -> Result<(), ClientError> {
    let id = session.task(text)?;
    let request =
        Request::get(format!("api/tasks/{id}/history")).query("page", page.page).query("page_size", page.page_size);
    let answer = session.api.send(request).await?;
    if session.json {
        return print_json(&answer);
    }
    let (person, page) = (session.person().await?, read::<Page<History>>(&answer)?);
    let mut table = table(["when", "what", "who"]);
    for entry in &page.items {
        let when = words::moment(entry.created_at, &person.zone, person.now);
        table.add_row([Cell::new(when), Cell::new(what(entry)), Cell::new(who(entry))]);
    }
    keep(&mut table, &[0, 2]);
    let mut text = finish(&mut table);
    text.extend(page_line(page.items.len(), page.page, page.page_size, page.total).map(|line| format!("\n{line}")));
    print(text)
}

/// `created`, `due soon`, `changed: title, due_date`.
fn what(entry: &History) -> String {
    let changed: Vec<&str> = entry.event_data["data"]["changed"]
        .as_array()
        .map(|names| names.iter().filter_map(|name| name.as_str()).collect())
        .unwrap_or_default();
    let kind = entry.event_type.trim_start_matches("todo.").trim_end_matches(".v1");
    match kind {
        "task.updated" if !changed.is_empty() => plain(&format!("changed: {}", changed.join(", "))),
        "recurring-task.due" => "created by its rule".to_owned(),
        other => plain(&other.trim_start_matches("task.").replace('-', " ")),
    }
}

fn who(entry: &History) -> &str {
    match entry.actor.kind.as_str() {
        "user" => "you",
        "api_token" => "an API token",
        "scheduler" => "the scheduler",
        "operator" => "an operator",
        _ => "somebody",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(event_type: &str, changed: &[&str]) -> History {
        serde_json::from_value(json!({
            "event_type": event_type, "event_data": {"data": {"changed": changed}},
            "actor": {"kind": "user"}, "created_at": "2026-01-14T11:00:00Z",
        }))
        .unwrap()
    }

    #[test]
    fn events_are_told_in_words() {
        assert_eq!(what(&entry("todo.task.created.v1", &[])), "created");
        assert_eq!(what(&entry("todo.task.due-soon.v1", &[])), "due soon");
        assert_eq!(what(&entry("todo.task.updated.v1", &["title", "due_date"])), "changed: title, due_date");
        assert_eq!(who(&entry("todo.task.created.v1", &[])), "you");
    }
}
