//! The same list and the same completing for somebody with very many tasks and for somebody with a thousand.

use std::cell::Cell;

use anyhow::{Context, Result};
use domain::TaskId;
use store::Store;

use super::{Big, FEW, FEW_TASKS, MANY, Random, drained};
use crate::{
    Bench,
    figures::{Rounds, decimal, whole},
    http::request,
    load::{CONNECTIONS, Load},
    people::{Tasks, task_id, token},
    server::Server,
    table::Table,
};

const LISTS: [(&str, &str); 3] = [
    ("list of 20", "/api/tasks"),
    ("list of 20 open, by due date", "/api/tasks?status=open&sort=due"),
    ("list of 20 completed", "/api/tasks?status=completed"),
];

pub async fn measure(bench: &Bench, all: &[Big]) -> Result<()> {
    let many = whole(f64::from(bench.many()));
    let head = ["operation", &format!("{FEW_TASKS} tasks /s"), &format!("{many} tasks /s"), "times slower", "target"];
    for big in all {
        let engine = big.database.engine();
        let mut table = Table::new(&format!("{many} tasks of one person on {engine}"), &head);
        let server = Server::start(&bench.todo, &big.database, bench.folder.path()).await?;
        let mut side = Side { load: Load::connect(server.address).await?, store: big.database.open().await? };
        for (name, path) in LISTS {
            let (mut few, mut much) = (Rounds::default(), Rounds::default());
            side.lists(path, bench.round() / 4, FEW).await?;
            side.lists(path, bench.round() / 4, MANY).await?;
            for _ in 0..bench.rounds() {
                few.add(side.lists(path, bench.round() / 2, FEW).await.context(name)?);
                much.add(side.lists(path, bench.round() / 2, MANY).await.context(name)?);
            }
            let target = if path == "/api/tasks" { "≤ 1.5" } else { "–" };
            table.row([name, &few.show(whole), &much.show(whole), &few.over(&much).show(decimal), target]);
        }
        let (mut few, mut much) = (Rounds::default(), Rounds::default());
        for round in 0..bench.rounds() as u64 {
            few.add(side.completes(FEW, FEW_TASKS, round).await.context("complete")?);
            much.add(side.completes(MANY, bench.many(), round).await.context("complete")?);
        }
        table.row(["complete", &few.show(whole), &much.show(whole), &few.over(&much).show(decimal), "≤ 1.5"]);
        side.store.close().await;
        server.stop().await?;
        table.print(&[
            &format!("Half of the tasks are completed. Filling took {:.0} s.", big.filled.as_secs_f64()),
            "32 connections of one person. Completed and then reopened are 400 of the open tasks, in no order; only \
             completing is counted, so both people have the same number of open tasks in each round.",
        ]);
    }
    Ok(())
}

struct Side {
    load: Load,
    store: Store,
}

impl Side {
    async fn lists(&mut self, path: &str, lasting: std::time::Duration, person: u32) -> Result<f64> {
        let request = request("GET", path, &token(person), "");
        Ok(self.load.closed(lasting, 200, |_| Some(request.clone())).await?.per_second)
    }

    async fn completes(&mut self, person: u32, count: u32, round: u64) -> Result<f64> {
        let tasks = Tasks::of_years(count);
        let random = Random::new(round);
        let mut chosen = std::collections::HashSet::new();
        while chosen.len() < 400 {
            let number = random.below(count);
            if !tasks.is_completed(number) {
                chosen.insert(task_id(person, number));
            }
        }
        let chosen: Vec<TaskId> = chosen.into_iter().collect();
        let done = self.each(&chosen, "complete", person).await?;
        self.each(&chosen, "reopen", person).await?;
        drained(&self.store).await?;
        Ok(done)
    }

    /// One request for each of the tasks.
    async fn each(&mut self, tasks: &[TaskId], action: &str, person: u32) -> Result<f64> {
        let token = token(person);
        let places: Vec<Cell<usize>> = (0..CONNECTIONS).map(Cell::new).collect();
        let started = std::time::Instant::now();
        let done = self.load.spent(200, |client| {
            let place = places[client].replace(places[client].get() + CONNECTIONS);
            let task = tasks.get(place)?;
            Some(request("PATCH", &format!("/api/tasks/{}/{action}", task.0), &token, ""))
        });
        let done = done.await?;
        anyhow::ensure!(done == tasks.len(), "{action}: {done} of {}", tasks.len());
        Ok(done as f64 / started.elapsed().as_secs_f64())
    }
}
