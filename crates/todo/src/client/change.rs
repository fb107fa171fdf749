//! `todo done`, `reopen`, `delete`, `undelete` for many tasks at once; `todo edit` and `todo snooze` for one.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    args::Edit,
    error::ClientError,
    http::{Request, read},
    list::project_id,
    output::{BOLD, GREEN, due_text, plain, print, print_json, styled},
    session::{Person, Session, new_key},
    wire::{Bulk, BulkResult, Task},
    words,
};

/// What the API does at once; more go in several requests.
const AT_ONCE: usize = 200;

pub async fn done(session: Session, tasks: &[String]) -> Result<(), ClientError> {
    bulk(session, tasks, "complete", "✓ done").await
}

pub async fn reopen(session: Session, tasks: &[String]) -> Result<(), ClientError> {
    bulk(session, tasks, "reopen", "○ open again").await
}

pub async fn delete(session: Session, tasks: &[String]) -> Result<(), ClientError> {
    bulk(session, tasks, "trash", "in the trash; `todo undelete` brings it back").await
}

pub async fn undelete(session: Session, tasks: &[String]) -> Result<(), ClientError> {
    bulk(session, tasks, "restore", "back from the trash").await
}

/// Each succeeds or fails by itself; one failure is a failure of the command.
async fn bulk(session: Session, tasks: &[String], action: &str, done: &str) -> Result<(), ClientError> {
    let ids: Vec<Uuid> = tasks.iter().map(|text| session.task(text)).collect::<Result<_, _>>()?;
    let mut failed = Vec::new();
    for (ids, names) in ids.chunks(AT_ONCE).zip(tasks.chunks(AT_ONCE)) {
        let body = json!({"action": action, "ids": ids});
        let answer = session.api.send(Request::post("api/tasks/bulk", body).key(new_key())).await?;
        let bulk: Bulk = read(&answer)?;
        if session.json {
            print_json(&answer)?;
        }
        for (result, name) in bulk.results.iter().zip(names) {
            if !result.done {
                failed.push(format!("{name}: {}", result.error.as_deref().unwrap_or("refused")));
            } else if !session.json {
                print(outcome(result, name, done))?;
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(ClientError::Refused(failed.join("\n       "))) }
}

fn outcome(result: &BulkResult, name: &str, done: &str) -> String {
    // Of a task in the trash the API tells no more.
    let title = result.task.as_ref().map_or_else(|| format!("Task {name}"), |task| plain(&task.task.title));
    format!("{}  {}", styled(BOLD, title), styled(GREEN, done))
}

pub async fn edit(session: Session, args: &Edit) -> Result<(), ClientError> {
    let id = session.task(&args.task)?;
    let person = session.person().await?;
    let mut patch = Map::new();
    let texts = [("title", &args.title), ("description", &args.description), ("time_zone", &args.time_zone)];
    patch.extend(texts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?)))));
    if let Some(priority) = args.priority {
        patch.insert("priority".into(), priority.into());
    }
    if let Some(due) = &args.due {
        patch.insert("due_date".into(), due_date(&session, &person, due).await?);
    }
    if let Some(name) = &args.project {
        let id = project_id(&session.projects().await?, name)?;
        patch.insert("project_id".into(), if id == "none" { Value::Null } else { id.into() });
    }
    let mut request = Request::patch(format!("api/tasks/{id}"), Value::Null);
    if !args.tag.is_empty() || !args.untag.is_empty() {
        let task: Task = session.api.fetch(Request::get(format!("api/tasks/{id}"))).await?;
        patch.insert("tags".into(), new_tags(task.task.tags, &args.tag, &args.untag).into());
        // The new list was made of this version's.
        request = request.if_match(task.task.version);
    }
    if patch.is_empty() {
        return Err(ClientError::Usage("nothing to change: see `todo edit --help`".into()));
    }
    let answer = session.api.send(request.body(patch.into())).await?;
    if session.json {
        return print_json(&answer);
    }
    let task: Task = read(&answer)?;
    let due = due_text(&task, &person).map_or_else(String::new, |due| format!("  {due}"));
    print(format!("{}{due}  {}", styled(BOLD, plain(&task.task.title)), styled(GREEN, "changed")))
}

fn new_tags(mut tags: Vec<String>, add: &[String], remove: &[String]) -> Vec<String> {
    let bare = |tag: &String| tag.trim_start_matches('@').to_lowercase();
    tags.extend(add.iter().map(bare));
    let gone: Vec<_> = remove.iter().map(bare).collect();
    tags.retain(|tag| !gone.contains(tag));
    let mut seen = Vec::new();
    tags.retain(|tag| {
        !seen.contains(tag) && {
            seen.push(tag.clone());
            true
        }
    });
    tags
}

/// `none`, a date, an instant, or words.
async fn due_date(session: &Session, person: &Person, text: &str) -> Result<Value, ClientError> {
    if text == "none" {
        return Ok(Value::Null);
    }
    if domain::Due::parse(text, person.zone.clone()).is_ok() {
        return Ok(text.into());
    }
    let understood = session.understand(text).await?;
    match understood.due_date {
        Some(due) if understood.title.is_empty() && understood.recurrence.is_none() => Ok(due.into()),
        _ => Err(ClientError::Usage(format!("{text:?} is no due date: say tomorrow 5pm, 4 dec or none"))),
    }
}

pub async fn snooze(session: Session, text: &str, until: &str) -> Result<(), ClientError> {
    let id = session.task(text)?;
    let person = session.person().await?;
    let until = person.moment(&session, until).await?;
    let answer = session.api.send(Request::patch(format!("api/tasks/{id}/snooze"), json!({"until": until}))).await?;
    if session.json {
        return print_json(&answer);
    }
    let task: Task = read(&answer)?;
    let when = words::moment(until, &person.zone, person.now);
    print(format!("{}  {}", styled(BOLD, plain(&task.task.title)), styled(GREEN, format!("reminds again {when}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(list: &[&str]) -> Vec<String> {
        list.iter().map(|&tag| tag.to_owned()).collect()
    }

    #[test]
    fn tags_are_added_and_taken_off_by_name() {
        let changed = new_tags(tags(&["phone", "home"]), &tags(&["@Errands", "phone"]), &tags(&["@home"]));
        assert_eq!(changed, tags(&["phone", "errands"]));
    }
}
