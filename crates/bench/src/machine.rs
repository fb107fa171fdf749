//! The machine that the figures are of, and what a process on it uses.

use std::{
    fs::{File, read_to_string},
    io::Write,
    os::unix::fs::FileExt,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use sqlx::{Connection, PgConnection};

use crate::{
    Bench,
    figures::{Latencies, decimal},
};

pub async fn print(bench: &Bench) -> Result<()> {
    let synced = sync_latency(bench)?;
    println!(
        "Measured {} UTC{}.\n",
        crate::people::now().strftime("%Y-%m-%d %H:%M"),
        if bench.quick { ", quick" } else { "" }
    );
    println!("- processor: {} × {}, shared with the load generator and the database", cores(), processor());
    println!("- memory: {} GiB; system: Linux {}", memory_gib(), line("/proc/sys/kernel/osrelease"));
    println!(
        "- disk: {}; write of 4 KiB and fdatasync: median {} ms, 99 % within {} ms",
        file_system(bench),
        decimal(synced.quantile(0.5)),
        decimal(synced.quantile(0.99))
    );
    println!("- load when it began: {}", line("/proc/loadavg").split(' ').next().unwrap_or_default());
    println!("- SQLite {}", rusqlite::version());
    if let Some(url) = &bench.postgres {
        let mut connection = PgConnection::connect(url).await.context("PostgreSQL")?;
        let ask = |name: &'static str| sqlx::query_scalar::<_, String>("select current_setting($1)").bind(name);
        let version = ask("server_version").fetch_one(&mut connection).await?;
        let fsync = ask("fsync").fetch_one(&mut connection).await?;
        let commit = ask("synchronous_commit").fetch_one(&mut connection).await?;
        let buffers = ask("shared_buffers").fetch_one(&mut connection).await?;
        println!("- PostgreSQL {version}: fsync {fsync}, synchronous_commit {commit}, shared_buffers {buffers}");
    } else {
        println!("- PostgreSQL: not measured");
    }
    println!();
    Ok(())
}

/// What the disk can do: every durable commit waits for this at least once.
fn sync_latency(bench: &Bench) -> Result<Latencies> {
    let path = bench.folder.path().join("sync");
    let mut file = File::create(&path)?;
    file.write_all(&vec![0; 1 << 20])?;
    file.sync_all()?;
    let mut latencies = Latencies::default();
    for number in 0..200 {
        let begun = Instant::now();
        file.write_all_at(&[7; 4096], number * 4096)?;
        file.sync_data()?;
        latencies.add(begun.elapsed());
    }
    std::fs::remove_file(path)?;
    Ok(latencies)
}

pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn line(path: &str) -> String {
    read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// The value of a `name: value` line.
fn field(path: &str, name: &str) -> Option<String> {
    let text = read_to_string(path).ok()?;
    text.lines().find_map(|line| Some(line.strip_prefix(name)?.trim_start().strip_prefix(':')?.trim().to_owned()))
}

fn processor() -> String {
    field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.into())
}

fn memory_gib() -> u64 {
    field("/proc/meminfo", "MemTotal").map_or(0, |text| kib(&text).div_ceil(1024 * 1024))
}

fn kib(text: &str) -> u64 {
    text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn file_system(bench: &Bench) -> String {
    let output = Command::new("df").args(["--output=fstype"]).arg(bench.folder.path()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().nth(1).unwrap_or("unknown").trim().to_owned()
}

/// Memory of a process that is in use, in MB.
pub fn resident_mb(process: u32) -> f64 {
    field(&format!("/proc/{process}/status"), "VmRSS").map_or(f64::NAN, |text| kib(&text) as f64 * 1024.0 / 1e6)
}

/// Processor time that a process has used so far.
pub fn processor_time(process: u32) -> Duration {
    let text = read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name before it may hold anything, also blanks; user time and system time are fields 14 and 15.
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10) // of 10 ms on every Linux of today
}
