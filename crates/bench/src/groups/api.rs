//! Create, complete, get and list from 32 connections, beside the database's own floor.

use std::{cell::Cell, time::Duration};

use anyhow::{Context, Result};
use domain::TaskId;
use jiff::SignedDuration;
use store::Store;

use super::{Random, drained};
use crate::{
    Bench,
    database::Database,
    figures::{Latencies, Rounds, decimal, percent, whole},
    floor::{Floor, Given, Work},
    http::request,
    load::{CONNECTIONS, Done, Load},
    machine,
    people::{self, Person, task_id},
    server::Server,
    table::Table,
};

/// A line of the table: what is done, and for how many people.
struct Case {
    name: &'static str,
    work: Work,
    people: u32,
    target: &'static str,
}

fn cases(engine: &str) -> Vec<Case> {
    let everybody = CONNECTIONS as u32;
    let create = if engine == "SQLite" { "≥ 5,000/s" } else { "≥ 50 %" };
    vec![
        Case { name: "create, 32 people", work: Work::Create, people: everybody, target: create },
        Case { name: "create, all for one person", work: Work::Create, people: 1, target: "–" },
        Case { name: "complete, 32 people", work: Work::Complete, people: everybody, target: "–" },
        Case { name: "get", work: Work::Get, people: everybody, target: "–" },
        Case { name: "list of 20", work: Work::List, people: everybody, target: "≥ 30 %" },
    ]
}

#[derive(Default)]
struct Measured {
    floor: Rounds,
    joined: Rounds,
    program: Rounds,
    latencies: Latencies,
    processor: Rounds,
    drained: Duration,
}

pub async fn measure(bench: &Bench) -> Result<()> {
    let programs = bench.databases("api").await?;
    let floors = bench.databases("floor").await?;
    for (program, floor) in programs.iter().zip(&floors) {
        engine(bench, program, floor).await.with_context(|| program.engine())?;
    }
    for database in programs.into_iter().chain(floors) {
        database.remove().await?;
    }
    Ok(())
}

async fn engine(bench: &Bench, program: &Database, floor: &Database) -> Result<()> {
    let given = Given { people: CONNECTIONS as u32, tasks: if bench.quick { 1000 } else { 3000 } };
    let people = fill(program, given).await?;
    fill(floor, given).await?;
    let server = Server::start(&bench.todo, program, bench.folder.path()).await?;
    let mut side = Side::new(&server, program.open().await?, people, given).await?;
    let model = side.create_one().await?;
    let mut floor = Floor::new(floor, program, model, given, bench.folder.path()).await?;
    if floor.is_none() {
        println!("!! NOT MEASURED: PostgreSQL's floor, because there is no pgbench on this machine\n");
    }
    let mut lines: Vec<(Case, Measured)> =
        cases(program.engine()).into_iter().map(|case| (case, Measured::default())).collect();
    // Once without counting: prepared statements, warm pages.
    for (case, _) in &lines {
        if case.work != Work::Complete {
            side.run(case, Duration::from_millis(500)).await?;
        }
    }
    drained(&side.store).await?;
    for _ in 0..bench.rounds() {
        for (case, measured) in &mut lines {
            side.round(case, measured, bench.round()).await?;
            if let Some(floor) = &mut floor {
                measured.floor.add(floor.measure(case.work, case.people, bench.round()).await?);
                if let Some(joined) = floor.measure_joined(case.work, case.people, bench.round())? {
                    measured.joined.add(joined);
                }
            }
        }
    }
    side.store.close().await;
    server.stop().await?;
    print(program.engine(), &lines);
    Ok(())
}

async fn fill(database: &Database, given: Given) -> Result<Vec<Person>> {
    let store = database.open().await?;
    let people = people::add(&store, 0..given.people).await?;
    let from = people::later(people::now(), SignedDuration::from_hours(24 * 30));
    let tasks = people::Tasks::due(given.tasks, from, SignedDuration::from_hours(24 * 300));
    for person in 0..given.people {
        people::give(&store, person, 0, &tasks).await?;
    }
    store.close().await;
    database.settle().await?;
    Ok(people)
}

/// The program's side of the comparison.
struct Side<'a> {
    server: &'a Server,
    store: Store,
    load: Load,
    people: Vec<Person>,
    given: Given,
    random: Random,
    created: Cell<u32>,
    /// The next of each person's tasks to complete.
    open: Vec<Cell<u32>>,
}

impl<'a> Side<'a> {
    async fn new(server: &'a Server, store: Store, people: Vec<Person>, given: Given) -> Result<Self> {
        let load = Load::connect(server.address).await?;
        let open = people.iter().map(|_| Cell::new(0)).collect();
        Ok(Self { server, store, load, people, given, random: Random::new(0), created: Cell::new(0), open })
    }

    async fn create_one(&mut self) -> Result<TaskId> {
        let request = create(&self.people[0], 0);
        let body = self.load.connections[0].expect(&request, 201).await?;
        let task: serde_json::Value = serde_json::from_slice(body)?;
        Ok(TaskId(task["id"].as_str().context("an id")?.parse()?))
    }

    async fn round(&mut self, case: &Case, measured: &mut Measured, lasting: Duration) -> Result<()> {
        let before = machine::processor_time(self.server.id());
        let done = self.run(case, lasting).await?;
        let used = machine::processor_time(self.server.id()).saturating_sub(before);
        measured.processor.add(used.as_secs_f64() * 1e6 / done.requests as f64);
        measured.program.add(done.per_second);
        measured.latencies.extend(done.latencies);
        // What follows from the writes must not disturb the floor's turn.
        measured.drained = measured.drained.max(drained(&self.store).await?);
        Ok(())
    }

    async fn run(&mut self, case: &Case, lasting: Duration) -> Result<Done> {
        let Self { people, given, random, created, open, load, .. } = self;
        let person = |client: usize| client % case.people as usize;
        let any_task = |client: usize| task_id(client as u32, random.below(given.tasks)).0;
        match case.work {
            Work::Create => {
                let next = |client| {
                    created.set(created.get() + 1);
                    Some(create(&people[person(client)], created.get()))
                };
                load.closed(lasting, 201, next).await
            }
            Work::Complete => {
                let last: Vec<u32> = open.iter().map(|next| next.get() + given.a_round()).collect();
                let next = |client: usize| {
                    let number = open[client].replace(open[client].get() + 1);
                    let path = format!("/api/tasks/{}/complete", task_id(client as u32, number).0);
                    (number < last[client]).then(|| request("PATCH", &path, &people[client].token, ""))
                };
                load.closed(lasting, 200, next).await
            }
            Work::Get => {
                let next = |client: usize| {
                    let path = format!("/api/tasks/{}", any_task(client));
                    Some(request("GET", &path, &people[client].token, ""))
                };
                load.closed(lasting, 200, next).await
            }
            Work::List => {
                let next = |client: usize| Some(request("GET", "/api/tasks", &people[client].token, ""));
                load.closed(lasting, 200, next).await
            }
        }
    }
}

/// A task as people write them, due in some weeks: with it go two timers, an event and its place in the outbox.
pub(super) fn create(person: &Person, number: u32) -> Vec<u8> {
    let due = people::later(people::now(), SignedDuration::from_hours(24 * 30 + i64::from(number % 1000)));
    let body = serde_json::json!({
        "title": people::title(number),
        "description": people::DESCRIPTION,
        "priority": 1 + number % 3,
        "due_date": due,
    });
    request("POST", "/api/tasks", &person.token, &body.to_string())
}

fn print(engine: &str, lines: &[(Case, Measured)]) {
    let head = [
        "operation",
        "floor /s",
        "Todo /s",
        "of the floor",
        "target",
        "p50 ms",
        "p99 ms",
        "server CPU µs",
        "drained s",
    ];
    let mut table = Table::new(&format!("API on {engine}, 32 connections"), &head);
    for (case, measured) in lines {
        let write = matches!(case.work, Work::Create | Work::Complete);
        table.row([
            case.name,
            &measured.floor.show(whole),
            &measured.program.show(whole),
            &measured.program.over(&measured.floor).show(percent),
            case.target,
            &decimal(measured.latencies.quantile(0.5)),
            &decimal(measured.latencies.quantile(0.99)),
            &whole(measured.processor.median()),
            &if write { decimal(measured.drained.as_secs_f64()) } else { "–".into() },
        ]);
    }
    for (case, measured) in lines.iter().filter(|(_, measured)| measured.joined.median() > 0.0) {
        table.row([
            &format!("{}, floor in one statement", case.name),
            &measured.joined.show(whole),
            &measured.program.show(whole),
            &measured.program.over(&measured.joined).show(percent),
            "–",
            "",
            "",
            "",
            "",
        ]);
    }
    let floor = if engine == "SQLite" {
        "Floor: the same rows through rusqlite on one thread with group commit for 32 callers, in the same process; \
         for reads the same selects and their rows as JSON, on one thread for each core."
    } else {
        "Floor: pgbench with 32 clients and prepared statements: the same rows in one transaction, or the same selects. \
         \"In one statement\": the same rows in a single data-modifying CTE, as the program writes them."
    };
    table.print(&[
        "Median of the rounds (least–most); the ratio is taken round by round, the two sides taking turns.",
        floor,
        "Server CPU is what `todo serve` used for each request, the events' consumers included. \"Drained\": until the \
         last event of a round had been handled, at most.",
    ]);
}
