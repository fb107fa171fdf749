//! `todo list`: tasks in a table, each with the number by which the next command may name it.

use comfy_table::{Cell, Color};
use jiff::ToSpan;

use super::{
    args::{List, View},
    error::ClientError,
    http::{Request, read},
    output::{due_cell, finish, keep, page_line, plain, print, print_json, project_name, table, tags},
    session::{Person, Session},
    wire::{Page, Project, Task},
    words,
};

pub async fn list(mut session: Session, args: &List) -> Result<(), ClientError> {
    let (person, projects) = tokio::try_join!(session.person(), session.projects())?;
    let answer = session.api.send(request(args, &person, &projects)?).await?;
    let page: Page<Task> = read(&answer)?;
    session.shown.tasks = page.items.iter().map(|task| task.task.id.0).collect();
    session.shown.save()?;
    if session.json {
        return print_json(&answer);
    }
    show(&page, &person, &projects, args.view)
}

fn request<'a>(args: &List, person: &Person, projects: &[Project]) -> Result<Request<'a>, ClientError> {
    let today = person.zone.local(person.now).date();
    let request = Request::get("api/tasks");
    let (request, sort) = match args.view {
        View::Open => (request.query("status", "open"), "due"),
        View::Today => (request.query("status", "open").query("due_to", today), "due"),
        View::Upcoming => {
            let tomorrow = today.checked_add(1.day()).unwrap_or(today);
            (request.query("status", "open").query("due_from", tomorrow), "due")
        }
        View::Overdue => (request.query("status", "open").query("due_state", "overdue"), "due"),
        View::Inbox => (request.query("status", "open").query("project_id", "none"), "-created"),
        View::Completed => (request.query("status", "completed"), "-updated"),
        View::All => (request.query("status", "all"), "-created"),
        View::Trash => (request.query("status", "trash"), "-updated"),
    };
    let request = match &args.project {
        Some(name) if args.view != View::Inbox => request.query("project_id", project_id(projects, name)?),
        _ => request,
    };
    Ok(request
        .query_if("tag", args.tag.as_deref().map(|tag| tag.trim_start_matches('@')))
        .query_if("priority", args.priority)
        .query_if("q", args.search.as_deref())
        .query("sort", args.sort.as_deref().unwrap_or(sort))
        .query("page", args.page.page)
        .query("page_size", args.page.page_size))
}

/// By name, whatever its case; `none` for the inbox.
pub fn project_id(projects: &[Project], name: &str) -> Result<String, ClientError> {
    let name = name.trim_start_matches('#');
    if name == "none" {
        return Ok(name.to_owned());
    }
    let found = projects.iter().find(|project| project.name.to_lowercase() == name.to_lowercase());
    let unknown = || ClientError::Usage(format!("there is no project {name:?}: see `todo projects`"));
    found.map(|project| project.id.to_string()).ok_or_else(unknown)
}

fn show(page: &Page<Task>, person: &Person, projects: &[Project], view: View) -> Result<(), ClientError> {
    if page.total == 0 {
        return print(nothing(view));
    }
    let mut table = table(["#", "", "task", "due", "project", "tags"]);
    for (index, task) in page.items.iter().enumerate() {
        table.add_row([
            Cell::new(index + 1).fg(Color::DarkGrey),
            mark(task),
            title(task),
            due_cell(task, person),
            Cell::new(project_name(projects, task)),
            Cell::new(tags(&task.task.tags)),
        ]);
    }
    keep(&mut table, &[0, 1, 3]);
    let mut text = finish(&mut table);
    if let Some(line) = page_line(page.items.len(), page.page, page.page_size, page.total) {
        text.push('\n');
        text.push_str(&line);
    }
    print(text)
}

/// Done, high or low.
fn mark(task: &Task) -> Cell {
    match (task.task.completed, words::priority(task.task.priority)) {
        (true, _) => Cell::new("✓").fg(Color::Green),
        (false, "high") => Cell::new("high").fg(Color::Red),
        (false, "low") => Cell::new("low").fg(Color::DarkGrey),
        _ => Cell::new(""),
    }
}

fn title(task: &Task) -> Cell {
    let recurs = if task.task.recurring_task_id.is_some() { " ↻" } else { "" };
    let under = if task.task.parent_id.is_some() { "└ " } else { "" };
    let cell = Cell::new(format!("{under}{}{recurs}", plain(&task.task.title)));
    if task.task.completed { cell.fg(Color::DarkGrey) } else { cell }
}

fn nothing(view: View) -> &'static str {
    match view {
        View::Open | View::All => "No tasks. Add one: todo add call Ana tomorrow 5pm",
        View::Today => "Nothing is due today.",
        View::Upcoming => "Nothing lies ahead.",
        View::Overdue => "Nothing is overdue.",
        View::Inbox => "The inbox is empty.",
        View::Completed => "Nothing is completed yet.",
        View::Trash => "The trash is empty.",
    }
}
