//! Start, memory and size of the program.

use std::time::Duration;

use anyhow::Result;

use crate::{
    Bench,
    figures::{Rounds, decimal, whole},
    http::request,
    load::{CONNECTIONS, Load},
    machine, people,
    server::Server,
    table::Table,
};

const STARTS: usize = 5;
/// After it, nothing of the start is under way any more.
const IDLE: Duration = Duration::from_secs(3);

pub async fn measure(bench: &Bench) -> Result<()> {
    let mut table = Table::new("The program", &["figure", "measured", "target"]);
    let size = std::fs::metadata(&bench.todo)?.len() as f64 / 1e6;
    for database in bench.databases("process").await? {
        let engine = database.engine();
        let server = Server::start(&bench.todo, &database, bench.folder.path()).await?;
        let first = millis(server.ready_after);
        server.stop().await?;
        let (mut ready, mut idle) = (Rounds::default(), Rounds::default());
        for _ in 0..STARTS {
            let server = Server::start(&bench.todo, &database, bench.folder.path()).await?;
            ready.add(millis(server.ready_after));
            tokio::time::sleep(IDLE / STARTS as u32).await;
            idle.add(machine::resident_mb(server.id()));
            server.stop().await?;
        }
        let store = database.open().await?;
        let person = people::add(&store, 0..1).await?.remove(0);
        store.close().await;
        let server = Server::start(&bench.todo, &database, bench.folder.path()).await?;
        tokio::time::sleep(IDLE).await;
        let before = machine::processor_time(server.id());
        tokio::time::sleep(IDLE).await;
        let used = machine::processor_time(server.id()).saturating_sub(before);
        let share = used.as_secs_f64() / IDLE.as_secs_f64();
        let mut load = Load::connect(server.address).await?;
        let list = request("GET", "/api/tasks", &person.token, "");
        load.closed(IDLE, 200, |_| Some(list.clone())).await?;
        let after = machine::resident_mb(server.id());
        server.stop().await?;
        database.remove().await?;
        table.row([&format!("start to ready, {engine}, ms"), &ready.show(whole), "< 200"]);
        table.row([&format!("start to ready with an empty database, {engine}, ms"), &whole(first), "< 200"]);
        table.row([&format!("memory when idle, {engine}, MB"), &idle.show(decimal), "< 40"]);
        let loaded = format!("memory after {} s of lists on {CONNECTIONS} connections, {engine}, MB", IDLE.as_secs());
        table.row([&loaded, &decimal(after), "–"]);
        table.row([&format!("processor when idle, {engine}, % of a core"), &decimal(share * 100.0), "–"]);
    }
    table.row(["size of the program, MB", &decimal(size), "–"]);
    table.print(&[
        "Ready: the first answer of /readyz, counted from the start of the process.",
        "Memory is what is resident (VmRSS), shared pages of libraries included.",
    ]);
    Ok(())
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
