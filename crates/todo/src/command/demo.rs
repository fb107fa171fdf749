//! `todo demo`: a server on a throw-away database, with an account and tasks to look at.

use std::process::ExitCode;

use anyhow::{Context, Result};
use app::{
    App,
    auth::{Client, RegisterInput},
    idempotency::Outcome,
    input::TaskInput,
    organise::ProjectInput,
    quick_add::QuickAddInput,
};
use jiff::SignedDuration;

use crate::{clock::OsRandom, command::serve, config::Config, parts, server, telemetry};

const EMAIL: &str = "demo@example.org";
const PASSWORD: &str = "demo-demo";

/// Lines that a person would type.
const LINES: [&str; 18] = [
    "Take medication every day 8:00 @health",
    "Weekly Standup every mon 9:00 #Work",
    "Water the fig every! 3 days #Home",
    "Pay the rent every 31st 9am !1d #Home p1",
    "Review the week every last friday 16:00 #Work",
    "Take out the bins every 2 weeks thu 19:00 #Home",
    "Tax return 31 jul !2w !1d p1",
    "Call Grandma tomorrow 17:00 @phone",
    "Finish the slides tomorrow 10:00 #Work p1",
    "Buy oat milk and bread today @errands",
    "Book the dentist in 3 days @phone",
    "Reply to Priya about the offer in 2 hours #Work",
    "Read chapter 4 this weekend @reading p3",
    "Renew the passport in 2 months",
    "Fix the bicycle's rear brake #Home p3",
    "Ideas for Ana's birthday",
    "Water filter: order a new cartridge @errands",
    "Plan the summer holiday #Home p3",
];

/// No line of words can name the past.
const OVERDUE: [(&str, i64); 2] = [("Send the invoice to Lindgren & Co", 26), ("Return the library books", 3)];

const DONE: [&str; 4] = [
    "Order the birthday cake",
    "Change the hallway bulb",
    "Book the train to Hamburg",
    "Send the signed contract back",
];

pub async fn run(mut config: Config) -> Result<ExitCode> {
    telemetry::start_logs(&config)?;
    let mut suffix = [0; 8];
    domain::Random::fill(&OsRandom, &mut suffix);
    let suffix: String = suffix.iter().map(|byte| format!("{byte:02x}")).collect();
    let folder = std::env::temp_dir().join(format!("todo-demo-{suffix}"));
    config.data_dir.clone_from(&folder);
    config.database_url = None;
    let listener = server::bind(&config.listen).await?;
    let store = parts::open_store(&config).await?;
    parts::migrate(&store, &config).await?;
    let app = parts::app(store, &config, "demo");
    fill(&app).await.context("the sample cannot be made")?;
    let url = serve::local_url(listener.local_addr()?);
    anstream::println!("A throw-away Todo is ready: {url} (API at {url}/docs)");
    anstream::println!("Sign in as {EMAIL} with the password {PASSWORD}; everything is gone when it stops.");
    let served = serve::until_signalled(&config, app, listener).await;
    std::fs::remove_dir_all(&folder).with_context(|| format!("{} could not be removed", folder.display()))?;
    served?;
    Ok(ExitCode::SUCCESS)
}

async fn fill(app: &App) -> Result<()> {
    let account = RegisterInput {
        email: EMAIL.into(),
        password: PASSWORD.to_owned().into(),
        name: "Demo".into(),
        time_zone: Some("Europe/Berlin".into()),
    };
    let signed_in = app.register(account, &Client::default()).await?;
    let caller = app.authenticate(&signed_in.access_token).await?.context("the account is gone")?;
    for (name, color) in [("Home", "green"), ("Work", "blue")] {
        let project = ProjectInput { name: name.into(), color: Some(color.into()) };
        app.create_project(&caller, &project, None).await?;
    }
    for text in LINES {
        app.quick_add(&caller, &QuickAddInput { text: text.into() }, None).await?;
    }
    for (title, hours_ago) in OVERDUE {
        let due = app.now().checked_sub(SignedDuration::from_hours(hours_ago))?;
        app.create_task(&caller, &task(title, Some(due.to_string())), None).await?;
    }
    for title in DONE {
        let Outcome::Done(made) = app.create_task(&caller, &task(title, None), None).await? else { continue };
        app.complete_task(&caller, made.task.id, None).await?;
    }
    Ok(())
}

fn task(title: &str, due_date: Option<String>) -> TaskInput {
    TaskInput { title: title.into(), due_date, ..TaskInput::default() }
}
