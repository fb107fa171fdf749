//! `todo notifications`: what the person was told.

use comfy_table::{Cell, Color};
use serde_json::Value;

use super::{
    args::Notifications as Args,
    error::ClientError,
    http::{Request, read},
    output::{finish, keep, page_line, plain, print, print_json, table},
    session::{Person, Session},
    wire::{Notification, Notifications},
    words,
};

pub async fn notifications(session: Session, args: &Args) -> Result<(), ClientError> {
    if args.serve {
        return Err(ClientError::Usage(
            "roles on their own come with the services and need --bus kafka or dapr: use `todo serve`".into(),
        ));
    }
    if args.read_all {
        let answer: Value = session.api.send(Request::patch("api/notifications/read-all", Value::Null)).await?;
        return if session.json { print_json(&answer) } else { print(format!("{} marked as read", answer["read"])) };
    }
    let request = Request::get("api/notifications")
        .query_if("unread", args.unread.then_some(true))
        .query("page", args.page.page)
        .query("page_size", args.page.page_size);
    let answer = session.api.send(request).await?;
    if session.json {
        return print_json(&answer);
    }
    let page: Notifications = read(&answer)?;
    if page.total == 0 {
        return print(if args.unread { "Nothing is unread." } else { "No notifications yet." });
    }
    let person = session.person().await?;
    let mut table = table(["", "when", "what", "task", "due"]);
    for notification in &page.items {
        table.add_row(row(notification, &person));
    }
    keep(&mut table, &[0, 1, 2]);
    let mut text = finish(&mut table);
    text.push_str(&format!("\n{} unread", page.unread));
    text.extend(page_line(page.items.len(), page.page, page.page_size, page.total).map(|line| format!("\n{line}")));
    print(text)
}

fn row(notification: &Notification, person: &Person) -> [Cell; 5] {
    let unread = notification.read_at.is_none();
    let what = match notification.kind.as_str() {
        "due_soon" => "due soon",
        "recurring" => "came up",
        "digest" => "while away",
        other => other,
    };
    let what = if notification.late { format!("{what}, late") } else { plain(what) };
    let due = notification.due_date.as_deref().map(|due| words::due(due, &person.zone, person.now));
    let title = Cell::new(plain(&notification.title));
    [
        Cell::new(if unread { "●" } else { "" }).fg(Color::Blue),
        Cell::new(words::moment(notification.created_at, &person.zone, person.now)),
        Cell::new(what),
        if unread { title } else { title.fg(Color::DarkGrey) },
        Cell::new(due.unwrap_or_default()),
    ]
}
