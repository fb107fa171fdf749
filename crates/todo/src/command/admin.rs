//! `todo admin`: accounts and dead letters, straight on the database, so that it works when the server does not.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use app::{App, auth::RegisterInput};
use domain::{Clock, Email, user::User};
use secrecy::ExposeSecret;
use serde_json::json;
use store::{AuditEntry, Commit, DeadLetter, PageRequest, TokenKind};

use crate::{
    cli::{AdminCommand, DeadLetters, Users},
    clock::{OsRandom, SystemClock},
    config::Config,
    parts,
    terminal::{finish, plain, print, print_json, table},
};

/// Shown and replayed at once.
const MOST_LETTERS: u32 = 1_000;

pub async fn run(config: &Config, command: AdminCommand, json: bool) -> Result<ExitCode> {
    let app = parts::ready_app(config).await?;
    match command {
        AdminCommand::Users(users) => accounts(&app, users, json).await?,
        AdminCommand::DeadLetters(letters) => dead_letters(&app, letters, json).await?,
    }
    app.store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn accounts(app: &App, users: Users, json: bool) -> Result<()> {
    match users {
        Users::List => list(app, json).await,
        Users::Create { email, name, time_zone, admin } => {
            let password = ask_password()?.into();
            let user = app.create_user(RegisterInput { email, password, name, time_zone }, admin).await?;
            audit(app, &user, "user.create").await?;
            anstream::println!("{} can sign in", user.email);
            Ok(())
        }
        Users::Disable { email } => {
            let user = change(app, &email, "user.disable", |user| user.is_disabled = true).await?;
            let mut commit = Commit::system();
            commit.revoke_tokens(user.id, TokenKind::Session, None, SystemClock.now());
            app.store.commit(commit).await?;
            anstream::println!("{email} is refused, and signed out everywhere");
            Ok(())
        }
        Users::Enable { email } => {
            change(app, &email, "user.enable", |user| user.is_disabled = false).await?;
            anstream::println!("{email} can sign in again");
            Ok(())
        }
        Users::MakeAdmin { email } => {
            change(app, &email, "user.make-admin", |user| user.is_admin = true).await?;
            anstream::println!("{email} is an administrator");
            Ok(())
        }
        Users::Reset { email } => {
            let user = find(app, &email).await?;
            let token = app.create_reset_token(user.id).await?;
            anstream::println!("{}", token.expose_secret());
            anstream::eprintln!("valid for 24 hours, once: POST /api/auth/reset-password with token and new_password");
            Ok(())
        }
    }
}

async fn list(app: &App, as_json: bool) -> Result<()> {
    let mut page = PageRequest::first(100);
    let mut users = Vec::new();
    loop {
        let found = app.store.users(&page).await?;
        users.extend(found.items);
        match found.next_cursor {
            Some(cursor) => page = PageRequest::after(cursor, 100),
            None => break,
        }
    }
    if as_json {
        let rows: Vec<_> = users.iter().map(row).collect();
        print_json(&rows)?;
        return Ok(());
    }
    let mut table = table(["e-mail", "name", "zone", "since", ""]);
    for user in &users {
        let marks = [(user.is_admin, "admin"), (user.is_disabled, "disabled")];
        let marks: Vec<_> = marks.into_iter().filter(|(on, _)| *on).map(|(_, mark)| mark).collect();
        let since = user.created_at.strftime("%Y-%m-%d").to_string();
        let name = plain(user.name.as_str());
        table.add_row([user.email.as_str(), &name, user.zone.name(), &since, &marks.join(", ")]);
    }
    print(finish(&mut table))?;
    Ok(())
}

fn row(user: &User) -> serde_json::Value {
    json!({
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "time_zone": user.zone.name(),
        "is_admin": user.is_admin,
        "is_disabled": user.is_disabled,
        "created_at": user.created_at,
    })
}

fn ask_password() -> Result<String> {
    if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        return rpassword::prompt_password("Password: ").context("no password");
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("no password on standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn find(app: &App, email: &str) -> Result<User> {
    let email = Email::parse(email).map_err(|error| anyhow::anyhow!("the address {error}"))?;
    let found = app.store.user_by_email(&email).await?;
    Ok(found.with_context(|| format!("nobody has the address {email}"))?.user)
}

async fn change(app: &App, email: &str, action: &str, set: impl Fn(&mut User)) -> Result<User> {
    let mut user = find(app, email).await?;
    let from_version = user.version;
    set(&mut user);
    user.version += 1;
    let mut commit = Commit::of(user.id);
    commit.update_user(&user, from_version, SystemClock.now());
    commit.audit(&entry(&user, action));
    app.store.commit(commit).await?;
    Ok(user)
}

async fn audit(app: &App, user: &User, action: &str) -> Result<()> {
    let mut commit = Commit::system();
    commit.audit(&entry(user, action));
    app.store.commit(commit).await?;
    Ok(())
}

fn entry(user: &User, action: &str) -> AuditEntry {
    let now = SystemClock.now();
    AuditEntry {
        id: domain::clock::new_uuid(now, &OsRandom),
        user_id: Some(user.id),
        action: action.into(),
        address: None,
        detail: json!({"by": "operator"}),
        created_at: now,
    }
}

async fn dead_letters(app: &App, letters: DeadLetters, json: bool) -> Result<()> {
    match letters {
        DeadLetters::List => {
            let parked = app.store.dead_letters(MOST_LETTERS).await?;
            show(&parked, json)
        }
        DeadLetters::Replay { id: Some(id), .. } => {
            replay(app, id).await?;
            anstream::println!("handed back");
            Ok(())
        }
        DeadLetters::Replay { id: None, .. } => {
            let parked = app.store.dead_letters(MOST_LETTERS).await?;
            for letter in &parked {
                replay(app, letter.id).await?;
            }
            anstream::println!("{} handed back", parked.len());
            Ok(())
        }
        DeadLetters::Drop { id } => {
            let dropped = app.store.take_dead_letter(id).await?;
            dropped.context("no such dead letter")?;
            anstream::println!("dropped");
            Ok(())
        }
    }
}

fn show(parked: &[DeadLetter], as_json: bool) -> Result<()> {
    if as_json {
        let rows: Vec<_> = parked
            .iter()
            .map(|letter| {
                json!({
                    "id": letter.id, "consumer": letter.consumer, "event_id": letter.event_id, "topic": letter.topic,
                    "key": letter.key, "error": letter.error, "attempts": letter.attempts,
                    "created_at": letter.created_at, "payload": letter.payload,
                })
            })
            .collect();
        print_json(&rows)?;
        return Ok(());
    }
    let mut table = table(["id", "consumer", "topic", "tries", "error"]);
    for letter in parked {
        let tries = letter.attempts.to_string();
        table.add_row([&letter.id.to_string(), &letter.consumer, &letter.topic, &tries, &plain(&letter.error)]);
    }
    print(finish(&mut table))?;
    Ok(())
}

/// Back into the outbox; the other consumers drop it by their inbox.
async fn replay(app: &App, id: uuid::Uuid) -> Result<()> {
    let parked = app.store.dead_letters(MOST_LETTERS).await?;
    let letter = parked.into_iter().find(|letter| letter.id == id).context("no such dead letter")?;
    let Some(event) = letter.event_id else { bail!("{id} is no event of ours: it can only be dropped") };
    app.store.forget_handled(&letter.consumer, event).await?;
    app.store.publish_again(&[event]).await?;
    // Last, so that a crash before here leaves it to be replayed again.
    app.store.take_dead_letter(id).await?;
    Ok(())
}
