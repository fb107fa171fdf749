//! From the due moment to the notification, with very many timers pending.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use domain::{TaskId, Timestamp};
use jiff::SignedDuration;
use store::Store;

use super::Big;
use crate::{
    Bench,
    figures::{Latencies, decimal, whole},
    people::{self, Tasks, person_id, task_id},
    server::Server,
    table::Table,
};

/// The person whose reminders are timed one by one.
const ONE: u32 = 10;
const BURST: u32 = 10_000;
/// The people of the burst.
const FIRST: u32 = 1000;
const PEOPLE: u32 = 1000;
const EACH: u32 = BURST / PEOPLE;
/// Somebody who has all of a burst alone.
const ALONE: u32 = 11;

pub async fn measure(bench: &Bench, all: &[Big]) -> Result<()> {
    let head = ["database", "figure", "measured", "target"];
    let pending = whole(f64::from(bench.many()));
    let mut table = Table::new(&format!("Reminders, with {pending} timers pending"), &head);
    for big in all {
        let engine = big.database.engine();
        let store = big.database.open().await?;
        people::add(&store, ONE..ALONE + 1).await?;
        people::add(&store, FIRST..FIRST + PEOPLE).await?;
        let (count, seconds) = if bench.quick { (200, 5) } else { (500, 10) };
        let lasting = SignedDuration::from_secs(seconds);
        // Enough to write them all and start the server before the first of them.
        let from = people::later(people::now(), SignedDuration::from_secs(12));
        let burst = people::later(from, lasting + SignedDuration::from_secs(2));
        let alone = people::later(burst, SignedDuration::from_secs(9));
        let second = SignedDuration::from_secs(1);
        let one_by_one = Tasks::due(count, from, lasting);
        people::give(&store, ONE, 0, &one_by_one).await?;
        for person in FIRST..FIRST + PEOPLE {
            people::give(&store, person, 0, &Tasks::due(EACH, burst, second)).await?;
        }
        people::give(&store, ALONE, 0, &Tasks::due(BURST, alone, second)).await?;
        let server = Server::start(&bench.todo, &big.database, bench.folder.path()).await?;
        ensure!(people::now() < from, "writing the tasks took too long on this machine");

        let latencies = one_by_one_seen(&store, &one_by_one).await?;
        for (name, quantile) in [("median", 0.5), ("99 % within", 0.99), ("all within", 1.0)] {
            let target = if quantile == 0.99 { "< 300" } else { "–" };
            let figure = format!("{count} at {} a second: due to visible, {name}, ms", i64::from(count) / seconds);
            table.row([engine, &figure, &decimal(latencies.quantile(quantile)), target]);
        }
        let people: Vec<u32> = (FIRST..FIRST + PEOPLE).collect();
        let seen = all_seen(&store, &people, burst).await?;
        let name = format!("{BURST} due in one second, of {PEOPLE} people: all visible after, s");
        table.row([engine, &name, &decimal(seen), "< 5"]);
        let seen = all_seen(&store, &[ALONE], alone).await?;
        let name = format!("{BURST} due in one second, of one person: all visible after, s");
        table.row([engine, &name, &decimal(seen), "< 5"]);
        store.close().await;
        server.stop().await?;
    }
    table.print(&[
        "Visible: another connection to the database reads the notification, which is what the API and the live stream \
         read; looked for every millisecond, in the bursts every 20 ms.",
        "A burst counts from the first due moment of its second.",
    ]);
    Ok(())
}

/// From each task's due moment until its notification is seen.
async fn one_by_one_seen(store: &Store, tasks: &Tasks) -> Result<Latencies> {
    let due: HashMap<TaskId, Timestamp> =
        (0..tasks.count).map(|number| (task_id(ONE, number), tasks.due_at(number))).collect();
    let mut latencies = Latencies::default();
    let mut after = 0;
    let patience = people::later(tasks.due_from, tasks.due_within + SignedDuration::from_secs(1));
    while latencies.len() < due.len() {
        for (notification, counter) in store.notifications_since(person_id(ONE), after, 1000).await? {
            let seen = people::now();
            after = counter;
            if let Some(due) = notification.task_id.and_then(|task| due.get(&task)) {
                ensure!(seen >= *due, "a reminder came early");
                latencies.add(Duration::try_from(seen.duration_since(*due))?);
            }
        }
        if people::now() > patience {
            bail!("{} of {} reminders came", latencies.len(), due.len());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(latencies)
}

/// Seconds from `due` until the notifications of all these people are there.
async fn all_seen(store: &Store, people: &[u32], due: Timestamp) -> Result<f64> {
    let begun = Instant::now();
    let mut waiting: Vec<u32> = people.to_vec();
    let wanted = i64::from(BURST) / people.len() as i64;
    while let Some(&person) = waiting.last() {
        if store.unread_count(person_id(person)).await? >= wanted {
            waiting.pop();
            continue;
        }
        if begun.elapsed() > Duration::from_secs(60) {
            bail!("a burst of reminders is not there after a minute");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(people::now().duration_since(due).as_secs_f64())
}
