//! From a commit to its effect in a consumer.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use domain::TaskId;
use store::Store;

use super::{api::create, drained};
use crate::{
    Bench,
    figures::{Latencies, decimal},
    http::Connection,
    load::{CONNECTIONS, Load},
    people::{self, Person},
    server::Server,
    table::Table,
};

const RATES: [u32; 2] = [200, 1000];

pub async fn measure(bench: &Bench) -> Result<()> {
    let lasting = bench.round() * 3;
    let head = ["database", "created /s", "samples", "p50 ms", "p99 ms", "most ms", "target p99"];
    let mut table = Table::new("From a commit to its effect in a consumer", &head);
    for database in bench.databases("events").await? {
        let store = database.open().await?;
        let people = people::add(&store, 0..CONNECTIONS as u32).await?;
        let server = Server::start(&bench.todo, &database, bench.folder.path()).await?;
        let mut load = Load::connect(server.address).await?;
        let mut connection = Connection::open(server.address).await?;
        for rate in RATES {
            load.paced(rate, lasting / 5, 201, |client| create(&people[client], 0)).await?;
            let over = Cell::new(false);
            let paced = async {
                let done = load.paced(rate, lasting, 201, |client| create(&people[client], 1)).await;
                over.set(true);
                done
            };
            let (paced, samples) = tokio::join!(paced, sample(&mut connection, &store, &people[0], &over));
            let (paced, samples) = (paced?, samples?);
            let reached = paced.len() as f64 / lasting.as_secs_f64();
            ensure!(reached > f64::from(rate) * 0.95, "only {reached:.0} of {rate} a second were created");
            table.row([
                database.engine(),
                &rate.to_string(),
                &samples.len().to_string(),
                &decimal(samples.quantile(0.5)),
                &decimal(samples.quantile(0.99)),
                &decimal(samples.quantile(1.0)),
                "< 10",
            ]);
            drained(&store).await?;
        }
        store.close().await;
        server.stop().await?;
        database.remove().await?;
    }
    table.print(&[
        "From the API's answer to a task's creation (so after its commit) until another connection to the database sees \
         what the analytics consumer wrote about it. Samples one after the other, beside the given load; looked for \
         every millisecond, so a figure may be a millisecond too high.",
    ]);
    Ok(())
}

/// Creates a task and waits for its effect, again and again.
async fn sample(connection: &mut Connection, store: &Store, person: &Person, over: &Cell<bool>) -> Result<Latencies> {
    let mut latencies = Latencies::default();
    while !over.get() {
        let body = connection.expect(&create(person, 2), 201).await?;
        let answered = Instant::now();
        let task: serde_json::Value = serde_json::from_slice(body)?;
        let task = TaskId(task["id"].as_str().context("an id")?.parse()?);
        while store.task_fact(person.id, task).await?.is_none() {
            ensure!(answered.elapsed() < Duration::from_secs(10), "the consumer does not handle an event");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        latencies.add(answered.elapsed());
    }
    Ok(latencies)
}
