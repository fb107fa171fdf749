//! `todo add`: a line of words becomes a task or a recurring task, and the person sees what was understood.

use serde_json::json;

use super::{
    args::Add,
    error::ClientError,
    http::{Request, read},
    output::{AMBER, BOLD, DIM, GREEN, due_text, plain, print, print_json, styled, tags},
    saved,
    session::{Person, Session, new_key},
    wire::{Made, Understood},
    words,
};

pub async fn add(session: Session, args: &Add) -> Result<(), ClientError> {
    let text = args.text.join(" ");
    if args.dry_run {
        let answer = session
            .api
            .send(Request::post("api/tasks/quick-add/preview", json!({"text": text})).key(new_key()))
            .await?;
        if session.json {
            return print_json(&answer);
        }
        let (person, understood): (_, Understood) = (session.person().await?, read(&answer)?);
        return print(describe(&understood, None, &person));
    }
    make(session, &text).await
}

/// The key makes it safe to send again after a broken connection.
pub async fn make(mut session: Session, text: &str) -> Result<(), ClientError> {
    let request = Request::post("api/tasks/quick-add", json!({"text": text})).key(new_key());
    let answer = session.api.send(request).await?;
    let made: Made = read(&answer)?;
    let task = made.task.as_ref().map(|task| saved::number(&mut session.shown.tasks, task.task.id.0));
    let rule = made.recurring_task.as_ref();
    let rule = rule.map(|rule| saved::number(&mut session.shown.recurring_tasks, rule.recurring_task.id.0));
    session.shown.save()?;
    if session.json {
        return print_json(&answer);
    }
    let person = session.person().await?;
    let head = match (task, rule) {
        (_, Some(rule)) => format!("Added recurring task {rule}"),
        (Some(task), None) => format!("Added {task}"),
        (None, None) => "Added".to_owned(),
    };
    print(format!("{}  {}", styled(GREEN, head), describe(&made.understood, Some(&made), &person)))
}

/// `Call Ana · due tomorrow 17:00 · #Home @phone · high`, and a line for each thing that was not understood.
fn describe(understood: &Understood, made: Option<&Made>, person: &Person) -> String {
    let mut parts = vec![styled(BOLD, plain(&understood.title))];
    match (&understood.recurrence, made.and_then(|made| made.recurring_task.as_ref())) {
        (Some(rule), made) => {
            parts.push(plain(rule));
            if let Some(next) = made.and_then(|made| made.recurring_task.next_due_at) {
                parts.push(format!("next {}", words::moment(next, &person.zone, person.now)));
            }
        }
        (None, _) => {
            let task = made.and_then(|made| made.task.as_ref());
            let due = task.map_or_else(
                || {
                    understood
                        .due_date
                        .as_deref()
                        .map(|due| format!("due {}", words::due(due, &person.zone, person.now)))
                },
                |task| due_text(task, person),
            );
            parts.extend(due);
        }
    }
    parts.extend(understood.project.as_deref().map(|name| format!("#{}", plain(name))));
    parts.extend((!understood.tags.is_empty()).then(|| tags(&understood.tags)));
    parts.extend(understood.priority.map(words::priority).filter(|word| !word.is_empty()).map(str::to_owned));
    let mut text = parts.join(&styled(DIM, " · "));
    for hint in &understood.hints {
        text.push_str(&format!("\n{}", styled(AMBER, plain(&hint.message))));
    }
    text
}
