//! A whole run: servers, clients, kills, and the verdict.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::{
    CheckerError,
    client::{Client, Request},
    database::Database,
    history::History,
    judge::{self, Fault, Violation},
    observe::{self, Observed},
    random::Random,
    server::Server,
    workload::{self, Worker},
};

/// Where the code can be made to die, around everything that must be atomic.
pub const CRASH_POINTS: [&str; 8] = [
    "commit-before",
    "commit-after",
    "claim-after",
    "publish-before",
    "publish-after",
    "effect-before",
    "effect-after",
    "ack-before",
];

/// How long a burst of reminders lasts.
pub const BURST_SPAN: Duration = Duration::from_secs(10);
/// From its writing to its beginning; long enough to write it.
const BURST_LEAD: Duration = Duration::from_secs(12);

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// kill -9 at random moments.
    Random,
    /// At each crash point in turn.
    Failpoints,
    /// By turns.
    All,
    /// Kill nobody.
    None,
}

#[derive(Debug, Clone)]
pub struct Options {
    pub todo: PathBuf,
    pub database: Database,
    pub servers: usize,
    pub cycles: usize,
    pub seed: u64,
    pub mode: Mode,
    pub users: usize,
    pub clients_per_user: usize,
    /// So many reminders of one user come within [`BURST_SPAN`], while servers are killed.
    pub burst: usize,
    /// Where the database and the logs are kept; else they go with the run.
    pub folder: Option<PathBuf>,
    /// In force on every server all the time: a planted bug.
    pub planted: String,
    /// How long the last reminders may take after their moments.
    pub patience: Duration,
}

impl Options {
    pub fn new(todo: impl Into<PathBuf>, database: Database) -> Self {
        Self {
            todo: todo.into(),
            database,
            servers: 1,
            cycles: 10,
            seed: 1,
            mode: Mode::Random,
            users: 3,
            clients_per_user: 2,
            burst: 0,
            folder: None,
            planted: String::new(),
            patience: Duration::from_secs(30),
        }
    }
}

#[derive(Debug)]
pub struct Report {
    pub violations: Vec<Violation>,
    /// What was done and seen, so that a clean verdict over nothing is not taken for one.
    pub counts: BTreeMap<&'static str, usize>,
}

impl Report {
    pub fn found(&self, fault: Fault) -> bool {
        self.violations.iter().any(|violation| violation.fault == fault)
    }
}

pub async fn run(options: &Options) -> Result<Report, CheckerError> {
    let passing = tempfile::tempdir()?;
    let folder = options.folder.as_deref().unwrap_or(passing.path());
    std::fs::create_dir_all(folder)?;
    let database = options.database.make(folder).await?;
    let outcome = async {
        let mut run = Run::start(options, folder, &database.url).await?;
        run.burst().await;
        run.cycles().await?;
        run.finish().await
    }
    .await;
    database.remove().await?;
    outcome
}

struct Run<'a> {
    options: &'a Options,
    random: Random,
    servers: Vec<Server>,
    anybody: Client,
    /// One for each user, signed in.
    clients: Vec<Client>,
    shared: workload::Shared,
    stop: Arc<AtomicBool>,
    working: Vec<tokio::task::JoinHandle<()>>,
    kills: usize,
}

impl<'a> Run<'a> {
    async fn start(options: &'a Options, folder: &std::path::Path, database_url: &str) -> Result<Self, CheckerError> {
        // Ports must differ between runs with one seed that happen at the same time.
        let mut port_chance = Random::new(u64::from(std::process::id())).mixed(folder.to_string_lossy().bytes());
        let mut servers = Vec::new();
        for _ in 0..options.servers {
            servers.push(Server::new(&options.todo, folder, database_url, &mut port_chance)?);
        }
        let urls: Arc<[String]> = servers.iter().map(Server::url).collect();
        let anybody = Client::new(urls)?;
        let mut run = Self {
            options,
            random: Random::new(options.seed),
            servers,
            anybody,
            clients: Vec::new(),
            shared: Arc::new(Mutex::new(History::default())),
            stop: Arc::default(),
            working: Vec::new(),
            kills: 0,
        };
        for index in 0..run.servers.len() {
            run.start_server(index).await?;
        }
        for user in 0..options.users {
            run.clients.push(register(&run.anybody, user).await?);
        }
        run.start_clients();
        Ok(run)
    }

    async fn start_server(&mut self, index: usize) -> Result<(), CheckerError> {
        let server = &mut self.servers[index];
        server.spawn(&self.options.planted)?;
        server.ready(&self.anybody.http).await
    }

    fn start_clients(&mut self) {
        for (user, client) in self.clients.iter().enumerate() {
            for number in 0..self.options.clients_per_user {
                let worker = Worker::new(
                    client.clone(),
                    user,
                    format!("{user}-{number}"),
                    self.random.split(),
                    Arc::clone(&self.shared),
                    Arc::clone(&self.stop),
                );
                self.working.push(tokio::spawn(worker.run()));
            }
            let watch = workload::watch(client.clone(), Arc::clone(&self.shared), Arc::clone(&self.stop));
            self.working.push(tokio::spawn(watch));
        }
    }

    /// Writes the burst, and waits until it begins.
    async fn burst(&self) {
        let (Some(client), true) = (self.clients.first(), self.options.burst > 0) else { return };
        let start = crate::now().checked_add(BURST_LEAD).unwrap_or(Timestamp::MAX);
        workload::burst(client.clone(), Arc::clone(&self.shared), self.options.burst, start, BURST_SPAN).await;
        sleep(until(start)).await;
    }

    async fn cycles(&mut self) -> Result<(), CheckerError> {
        for cycle in 0..self.options.cycles {
            match self.options.mode {
                Mode::None => sleep(Duration::from_millis(500)).await,
                Mode::Random => self.kill_at_random().await?,
                Mode::Failpoints => self.die_at(CRASH_POINTS[cycle % CRASH_POINTS.len()]).await?,
                Mode::All if cycle % 2 == 0 => self.kill_at_random().await?,
                Mode::All => self.die_at(CRASH_POINTS[cycle / 2 % CRASH_POINTS.len()]).await?,
            }
        }
        Ok(())
    }

    async fn kill_at_random(&mut self) -> Result<(), CheckerError> {
        sleep(Duration::from_millis(self.random.range(100, 900))).await;
        let all = self.random.chance(40);
        let one = self.random.index(self.servers.len());
        let killed: Vec<usize> = (0..self.servers.len()).filter(|index| all || *index == one).collect();
        for index in &killed {
            self.servers[*index].kill().await?;
            self.kills += 1;
        }
        sleep(Duration::from_millis(self.random.range(0, 400))).await;
        for index in killed {
            self.start_server(index).await?;
        }
        Ok(())
    }

    /// Starts a server anew that dies when it reaches the point, after it has passed it a few times.
    async fn die_at(&mut self, point: &str) -> Result<(), CheckerError> {
        const REACH_LIMIT: Duration = Duration::from_secs(30);
        let index = self.random.index(self.servers.len());
        let passes = self.random.range(0, 12);
        // The others must not do all the work that leads to the point.
        for server in &mut self.servers {
            server.kill().await?;
        }
        let point_set = if passes == 0 { format!("{point}=panic") } else { format!("{point}={passes}*off->panic") };
        let planted = &self.options.planted;
        let failpoints = if planted.is_empty() { point_set } else { format!("{planted};{point_set}") };
        self.servers[index].spawn(&failpoints)?;
        if !self.servers[index].dies(REACH_LIMIT).await? {
            return Err(CheckerError::NeverReached(point.to_owned()));
        }
        self.kills += 1;
        for index in 0..self.servers.len() {
            self.start_server(index).await?;
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<Report, CheckerError> {
        self.stop.store(true, Ordering::Relaxed);
        for working in self.working.drain(..) {
            working.await.map_err(|error| CheckerError::Setup(error.to_string()))?;
        }
        for server in &mut self.servers {
            if !server.is_running()? {
                return Err(server.failed("is not running any more".into()));
            }
        }
        let history = std::mem::take(&mut *self.shared.lock().unwrap_or_else(PoisonError::into_inner));
        let deadline = Instant::now() + history.last_moment().map_or(Duration::ZERO, until) + self.options.patience;
        let (observed, violations) = loop {
            let observed = self.observe_quiet(deadline).await?;
            let violations = judge::judge(&history, &observed);
            // What is merely on its way is no violation yet; what is early, doubled or wrong stays so.
            if violations.is_empty() || Instant::now() >= deadline {
                break (observed, violations);
            }
            sleep(Duration::from_millis(250)).await;
        };
        Ok(Report { violations, counts: self.counts(&history, &observed) })
    }

    /// Everything that is to be seen, read while nothing changed.
    async fn observe_quiet(&self, deadline: Instant) -> Result<Vec<Observed>, CheckerError> {
        let mut observed = Vec::new();
        for client in &self.clients {
            loop {
                let before = cursor(client).await;
                let seen = observe::observe(client).await?;
                if cursor(client).await == before || Instant::now() >= deadline {
                    observed.push(seen);
                    break;
                }
            }
        }
        Ok(observed)
    }

    fn counts(&self, history: &History, observed: &[Observed]) -> BTreeMap<&'static str, usize> {
        let steps = || history.tasks.iter().flat_map(|task| &task.steps);
        let unknown = steps().filter(|step| step.outcome == crate::history::Outcome::Unknown).count();
        let sum = |of: fn(&Observed) -> usize| observed.iter().map(of).sum();
        BTreeMap::from([
            ("kills", self.kills),
            ("requests", steps().count() + history.rules.len() + history.projects.len()),
            ("unknown outcomes", unknown),
            ("tasks", sum(|seen| seen.tasks.len())),
            ("slots", sum(|seen| seen.tasks.iter().filter(|row| row.slot.is_some()).count())),
            ("reminders", sum(|seen| seen.deliveries.iter().filter(|d| d.status == "sent").count())),
            ("events", sum(|seen| seen.events.len())),
        ])
    }
}

/// From now; nothing if it has passed.
fn until(moment: Timestamp) -> Duration {
    Duration::try_from(moment.duration_since(crate::now())).unwrap_or(Duration::ZERO)
}

/// How far the feed of changes has come.
async fn cursor(client: &Client) -> Option<i64> {
    let mut since = 0;
    loop {
        let answer = client.get(&format!("/api/changes?since={since}&limit=1000")).await;
        since = answer.body["cursor"].as_i64()?;
        if answer.body["more"] != true {
            return Some(since);
        }
    }
}

async fn register(anybody: &Client, user: usize) -> Result<Client, CheckerError> {
    let body = json!({
        "email": format!("user{user}@example.org"),
        "password": "correct horse battery staple",
        "name": format!("User {user}"),
    });
    let request = Request::new(Method::POST, "/api/auth/register").body(body);
    let answer = anybody.send(0, &request, true).await;
    let answer = answer.ok_or_else(|| CheckerError::Setup("no answer to a registration".into()))?;
    match answer.body["access_token"].as_str() {
        Some(token) => Ok(anybody.with_token(token.to_owned())),
        None => Err(CheckerError::Setup(format!("registration: {} {}", answer.status, answer.body))),
    }
}
