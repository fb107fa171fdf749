//! What is measured, a file for each group.

pub mod api;
pub mod events;
pub mod process;
pub mod reminders;
pub mod scale;

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use store::Store;

use crate::{Bench, database::Database, people};

/// A cheap sequence of numbers that look like chance, the same in every run (Marsaglia's xorshift).
pub struct Random(Cell<u64>);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(Cell::new(0x9e37_79b9_7f4a_7c15 ^ (seed + 1) << 32))
    }

    /// From 0 to one less than `limit`.
    pub fn below(&self, limit: u32) -> u32 {
        let mut state = self.0.get();
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.0.set(state);
        (((state >> 32) * u64::from(limit)) >> 32) as u32
    }
}

/// A database in which one person has very many tasks and, for half of them, pending timers.
pub struct Big {
    pub database: Database,
    /// How long filling it took.
    pub filled: Duration,
}

/// The person with very many tasks, and one with a thousand.
pub const MANY: u32 = 0;
pub const FEW: u32 = 1;
pub const FEW_TASKS: u32 = 1000;

impl Big {
    /// On each engine; filled once in a run.
    pub async fn filled<'a>(bench: &Bench, kept: &'a mut Option<Vec<Self>>) -> Result<&'a [Self]> {
        if kept.is_none() {
            let mut all = Vec::new();
            for database in bench.databases("big").await? {
                let started = Instant::now();
                let store = database.open().await?;
                people::add(&store, 0..2).await?;
                people::give(&store, MANY, 0, &people::Tasks::of_years(bench.many())).await?;
                people::give(&store, FEW, 0, &people::Tasks::of_years(FEW_TASKS)).await?;
                store.close().await;
                database.settle().await?;
                all.push(Self { database, filled: started.elapsed() });
            }
            *kept = Some(all);
        }
        Ok(kept.as_deref().unwrap_or_default())
    }
}

/// Waits until every event has been published and handled; how long that took.
pub async fn drained(store: &Store) -> Result<Duration> {
    let started = Instant::now();
    while store.outbox_stats().await?.depth > 0 {
        if started.elapsed() > Duration::from_secs(120) {
            bail!("the outbox does not drain");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(started.elapsed())
}
