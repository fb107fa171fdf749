//! `todo projects` and `todo tags`.

use comfy_table::{Cell, Color};
use serde_json::{Value, json};

use super::{
    args::Projects,
    error::ClientError,
    http::{Request, read},
    list::project_id,
    output::{BOLD, GREEN, finish, plain, print, print_json, styled, table},
    session::{Session, new_key},
    wire::{Page, Project, Tag},
};

pub async fn projects(session: Session, command: Option<Projects>) -> Result<(), ClientError> {
    let id = async |name: &str| match project_id(&session.projects().await?, name)?.as_str() {
        "none" => Err(ClientError::Usage("the inbox is no project".into())),
        id => Ok(format!("api/projects/{id}")),
    };
    let (request, name, done) = match command {
        None => return list(session).await,
        Some(Projects::Add { name, color }) => {
            let body = json!({"name": name, "color": color});
            (Request::post("api/projects", body).key(new_key()), name, "added".to_owned())
        }
        Some(Projects::Rename { name, new_name }) => {
            let request = Request::patch(id(&name).await?, json!({"name": new_name}));
            (request, name, format!("is {new_name} now"))
        }
        Some(Projects::Archive { name }) => {
            (Request::patch(id(&name).await?, json!({"archived": true})), name, "put away".to_owned())
        }
        Some(Projects::Unarchive { name }) => {
            (Request::patch(id(&name).await?, json!({"archived": false})), name, "taken out again".to_owned())
        }
        Some(Projects::Delete { name }) => {
            (Request::delete(id(&name).await?), name, "deleted; its tasks are in the inbox".to_owned())
        }
    };
    let answer = session.api.send(request).await?;
    if session.json {
        return print_json(&answer);
    }
    print(format!("{}  {}", styled(BOLD, format!("#{}", plain(&name))), styled(GREEN, done)))
}

async fn list(session: Session) -> Result<(), ClientError> {
    let answer: Value = session.api.send(Request::get("api/projects")).await?;
    if session.json {
        return print_json(&answer);
    }
    let page: Page<Project> = read(&answer)?;
    if page.items.is_empty() {
        return print("No projects. `#Name` in `todo add` makes one, and so does `todo projects add Name`.");
    }
    let mut table = table(["project", "color", ""]);
    for project in &page.items {
        let name = Cell::new(format!("#{}", plain(&project.name)));
        let color = Cell::new(project.color.as_deref().unwrap_or(""));
        if project.archived_at.is_some() {
            table.add_row([name.fg(Color::DarkGrey), color, Cell::new("archived")]);
        } else {
            table.add_row([name, color, Cell::new("")]);
        }
    }
    print(finish(&mut table))
}

pub async fn tags(session: Session) -> Result<(), ClientError> {
    let answer: Value = session.api.send(Request::get("api/tags")).await?;
    if session.json {
        return print_json(&answer);
    }
    let page: Page<Tag> = read(&answer)?;
    if page.items.is_empty() {
        return print("No tags. `@name` in `todo add` makes one.");
    }
    let mut table = table(["tag", "open tasks"]);
    for tag in &page.items {
        table.add_row([format!("@{}", plain(&tag.name)), tag.open_tasks.to_string()]);
    }
    print(finish(&mut table))
}
