//! What the clients do while servers die: a mix of everything that must survive it.
//!
//! A client waits for the answer to one thing before it does the next. After an answer that never came it mostly asks
//! again under the same key, as programs should; sometimes it lets go, so that unknown outcomes stay unknown.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{Answer, Client, Request},
    history::{
        Action, History, Outcome, ProjectHistory, RuleHistory, Sighting, Step, TaskHistory, TaskState, WrongAnswer,
    },
    now,
    observe::TaskRow,
    random::Random,
};

/// Shared by all clients.
pub type Shared = Arc<Mutex<History>>;

/// How often a client lets go of a request whose answer never came, in percent.
const LETS_GO: u64 = 15;
/// How far ahead the moments lie that clients plan.
const FARTHEST_MOMENT: Duration = Duration::from_secs(5);
/// Tasks that a client goes on changing.
const REMEMBERED: usize = 12;

pub struct Worker {
    pub client: Client,
    pub user: usize,
    /// Makes titles and keys unlike those of the others.
    pub name: String,
    pub random: Random,
    pub shared: Shared,
    pub stop: Arc<AtomicBool>,
    counter: u64,
    /// Places in the history of tasks, with their ids and last known versions.
    mine: Vec<Mine>,
}

#[derive(Debug, Clone)]
struct Mine {
    place: usize,
    id: String,
    version: i64,
}

impl Worker {
    pub fn new(
        client: Client,
        user: usize,
        name: String,
        random: Random,
        shared: Shared,
        stop: Arc<AtomicBool>,
    ) -> Self {
        Self { client, user, name, random, shared, stop, counter: 0, mine: Vec::new() }
    }

    pub async fn run(mut self) {
        while !self.stop.load(Ordering::Relaxed) {
            match self.random.range(0, 100) {
                0..30 => self.create_task(Plan::Someday).await,
                30..48 => self.create_task(Plan::DueSoon).await,
                48..56 => self.create_task(Plan::OwnReminders).await,
                56..64 => self.create_rule().await,
                64..67 => self.create_project().await,
                67..74 => self.read_something().await,
                _ => self.change_something().await,
            }
            let pause = Duration::from_millis(self.random.range(5, 60));
            tokio::time::sleep(pause).await;
        }
    }

    fn history<T>(&self, with: impl FnOnce(&mut History) -> T) -> T {
        with(&mut self.shared.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn unique(&mut self, what: &str) -> String {
        self.counter += 1;
        format!("{what} {} {}", self.name, self.counter)
    }

    fn soon(&mut self) -> Timestamp {
        let millis = self.random.range(1_200, FARTHEST_MOMENT.as_millis() as u64);
        later(now(), i64::try_from(millis).unwrap_or(2_000))
    }

    /// Tries until answered, or lets go.
    async fn send(&mut self, request: &Request) -> Option<Answer> {
        let patient = !self.random.chance(LETS_GO);
        let server = self.random.index(16);
        let answer = self.client.send(server, request, patient).await?;
        if !answer.is_success() {
            let wrong = || WrongAnswer {
                request: format!("{} {}", request.method, request.path),
                status: answer.status,
                body: answer.body.to_string(),
            };
            // A stale version after a reminder is right, and so is what a repeated request finds done already.
            let expected = answer.status == 412 || (answer.repeated && answer.status == 404);
            if !expected {
                self.history(|history| history.wrong_answers.push(wrong()));
            }
        }
        Some(answer)
    }

    async fn create_task(&mut self, plan: Plan) {
        let title = self.unique("task");
        let key = key(&title);
        let mut state = TaskState {
            description: String::new(),
            priority: u8::try_from(self.random.range(1, 4)).unwrap_or(2),
            due: None,
            completed: false,
            trashed: false,
        };
        let mut own_reminders = None;
        let mut body = json!({"title": title, "priority": state.priority});
        if plan != Plan::Someday {
            let due = self.soon();
            state.due = Some(due);
            body["due_date"] = json!(due.to_string());
        }
        if plan == Plan::OwnReminders {
            let at = self.soon();
            body["reminders"] = json!([{"at": at.to_string()}, {"minutes_before": 0}]);
            own_reminders = Some(vec![at]);
        }
        let sent = now();
        let answer = self.send(&Request::new(Method::POST, "/api/tasks").key(key).body(body)).await;
        let (ended, outcome) = (now(), outcome(answer.as_ref()));
        if answer.as_ref().is_some_and(|answer| !answer.is_success()) {
            return;
        }
        let step = Step { action: Action::Create(state), sent, ended, outcome };
        let task = TaskHistory { user: self.user, title, own_reminders, steps: vec![step] };
        let place = self.history(|history| {
            history.tasks.push(task);
            history.tasks.len() - 1
        });
        if let Some(answer) = answer
            && let Some(id) = answer.body["id"].as_str()
        {
            self.mine.push(Mine { place, id: id.to_owned(), version: answer.body["version"].as_i64().unwrap_or(1) });
            if self.mine.len() > REMEMBERED {
                self.mine.remove(0);
            }
        }
    }

    async fn create_rule(&mut self) {
        const TYPES: [&str; 4] = ["daily", "weekly", "monthly", "yearly"];
        let title = self.unique("rule");
        let start = self.soon();
        let body = json!({
            "title": title,
            "recurrence_type": TYPES[self.random.index(TYPES.len())],
            "recurrence_interval": self.random.range(1, 4),
            "start_date": start.to_string(),
        });
        let request = Request::new(Method::POST, "/api/recurring-tasks").key(key(&title)).body(body);
        let sent = now();
        let answer = self.send(&request).await;
        if answer.as_ref().is_some_and(|answer| !answer.is_success()) {
            return;
        }
        let (user, ended, outcome) = (self.user, now(), outcome(answer.as_ref()));
        self.history(|history| history.rules.push(RuleHistory { user, title, start, sent, ended, outcome }));
    }

    async fn create_project(&mut self) {
        let name = self.unique("project");
        let request = Request::new(Method::POST, "/api/projects").key(key(&name)).body(json!({"name": name}));
        let answer = self.send(&request).await;
        if answer.as_ref().is_some_and(|answer| !answer.is_success()) {
            return;
        }
        let (user, outcome) = (self.user, outcome(answer.as_ref()));
        self.history(|history| history.projects.push(ProjectHistory { user, name, outcome }));
    }

    /// Reads what was acknowledged, at any of the servers.
    async fn read_something(&mut self) {
        let Some(mine) = self.pick() else { return };
        // What is in the trash answers 404.
        if self.state(&mine).is_none_or(|state| state.trashed) {
            return;
        }
        let sent = now();
        let Some(answer) = self.send(&Request::get(format!("/api/tasks/{}", mine.id))).await else { return };
        let state = match answer.status {
            200 => TaskRow::parse(answer.body).ok().map(|row| row.state()),
            _ => None,
        };
        let outcome = Outcome::Acknowledged { version: None };
        self.add(&mine, Step { action: Action::Read(state), sent, ended: now(), outcome });
    }

    async fn change_something(&mut self) {
        let Some(mine) = self.pick() else { return };
        let Some(state) = self.state(&mine) else { return };
        let action = self.choose(&state);
        let path = format!("/api/tasks/{}", mine.id);
        let patch = |verb: &str| Request::new(Method::PATCH, format!("{path}/{verb}"));
        let mut request = match &action {
            Action::Edit { description, priority } => Request::new(Method::PATCH, path.clone())
                .body(json!({"description": description, "priority": priority})),
            Action::Move { due } => {
                let due = due.map(|due| due.to_string());
                Request::new(Method::PUT, path.clone()).body(json!({"due_date": due}))
            }
            Action::Complete => patch("complete"),
            Action::Reopen => patch("reopen"),
            Action::Restore => patch("restore"),
            Action::Trash => Request::new(Method::DELETE, path.clone()),
            Action::Create(_) | Action::Read(_) => return,
        };
        if matches!(action, Action::Edit { .. }) && self.random.chance(50) {
            request.if_match = Some(mine.version);
        }
        let sent = now();
        loop {
            let answer = self.send(&request).await;
            match &answer {
                // A reminder has raised the version, or an earlier try of this very request has.
                Some(answer) if answer.status == 412 => {
                    let current = self.client.get(&path).await;
                    request.if_match = current.body["version"].as_i64();
                    if request.if_match.is_none() {
                        return self.let_go(&mine);
                    }
                    continue;
                }
                Some(answer) if !(answer.is_success() || answer.repeated && answer.status == 404) => {
                    return self.let_go(&mine);
                }
                _ => {}
            }
            let (ended, outcome) = (now(), outcome(answer.as_ref()));
            self.add(&mine, Step { action: action.clone(), sent, ended, outcome });
            match outcome {
                Outcome::Acknowledged { version } => self.note_version(&mine, version),
                Outcome::Unknown => self.let_go(&mine),
            }
            return;
        }
    }

    /// Only what is allowed in that state.
    fn choose(&mut self, state: &TaskState) -> Action {
        if state.trashed {
            return Action::Restore;
        }
        match self.random.range(0, 100) {
            0..40 => Action::Edit {
                description: self.unique("words"),
                priority: u8::try_from(self.random.range(1, 4)).unwrap_or(2),
            },
            40..55 if state.is_open() => {
                let due = if self.random.chance(80) { Some(self.soon()) } else { None };
                Action::Move { due }
            }
            40..88 if state.completed => Action::Reopen,
            55..88 => Action::Complete,
            _ => Action::Trash,
        }
    }

    fn pick(&mut self) -> Option<Mine> {
        if self.mine.is_empty() {
            return None;
        }
        let place = self.random.index(self.mine.len());
        Some(self.mine[place].clone())
    }

    fn state(&self, mine: &Mine) -> Option<TaskState> {
        self.history(|history| history.tasks[mine.place].acknowledged())
    }

    fn add(&self, mine: &Mine, step: Step) {
        self.history(|history| history.tasks[mine.place].steps.push(step));
    }

    fn let_go(&mut self, mine: &Mine) {
        self.mine.retain(|other| other.place != mine.place);
    }

    fn note_version(&mut self, mine: &Mine, version: Option<i64>) {
        let found = self.mine.iter_mut().find(|other| other.place == mine.place);
        if let (Some(mine), Some(version)) = (found, version) {
            mine.version = version;
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    Someday,
    DueSoon,
    OwnReminders,
}

fn outcome(answer: Option<&Answer>) -> Outcome {
    match answer {
        Some(answer) => Outcome::Acknowledged { version: answer.body["version"].as_i64() },
        None => Outcome::Unknown,
    }
}

/// In whole milliseconds: the platform keeps microseconds.
fn later(at: Timestamp, millis: i64) -> Timestamp {
    let at = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
    at.checked_add(SignedDuration::from_millis(millis)).unwrap_or(at)
}

/// Looks at a user's notifications all the time, and notes when each was there first.
pub async fn watch(client: Client, shared: Shared, stop: Arc<AtomicBool>) {
    let mut seen = std::collections::HashSet::new();
    let request = Request::get("/api/notifications?page_size=100");
    while !stop.load(Ordering::Relaxed) {
        let answer = client.send(0, &request, false).await;
        let at = now();
        let items = answer.and_then(|mut answer| match answer.body["items"].take() {
            Value::Array(items) => Some(items),
            _ => None,
        });
        for id in items.iter().flatten().filter_map(|item| item["id"].as_str()) {
            if seen.insert(id.to_owned()) {
                let sighting = Sighting { notification: id.to_owned(), at };
                shared.lock().unwrap_or_else(PoisonError::into_inner).sightings.push(sighting);
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Many tasks of one user that are all due within `span` from `start` on, and remind only then.
pub async fn burst(client: Client, shared: Shared, number: usize, start: Timestamp, span: Duration) {
    const AT_ONCE: usize = 8;
    let step = i64::try_from(span.as_millis()).unwrap_or(0) / i64::try_from(number.max(1)).unwrap_or(1);
    let mut adding = tokio::task::JoinSet::new();
    for part in 0..AT_ONCE {
        let (client, shared) = (client.clone(), Arc::clone(&shared));
        adding.spawn(async move {
            for place in (part..number).step_by(AT_ONCE) {
                let due = later(start, step * i64::try_from(place).unwrap_or(0));
                let task = burst_task(&client, place, due).await;
                shared.lock().unwrap_or_else(PoisonError::into_inner).tasks.push(task);
            }
        });
    }
    adding.join_all().await;
}

async fn burst_task(client: &Client, place: usize, due: Timestamp) -> TaskHistory {
    let title = format!("burst {place}");
    let body = json!({"title": title, "due_date": due.to_string(), "reminders": [{"minutes_before": 0}]});
    let request = Request::new(Method::POST, "/api/tasks").key(key(&title)).body(body);
    let sent = now();
    let answer = client.send(place, &request, true).await;
    let state = TaskState { description: String::new(), priority: 2, due: Some(due), completed: false, trashed: false };
    let step = Step { action: Action::Create(state), sent, ended: now(), outcome: outcome(answer.as_ref()) };
    TaskHistory { user: 0, title, own_reminders: Some(Vec::new()), steps: vec![step] }
}

/// A header takes no spaces here.
fn key(name: &str) -> String {
    name.replace(' ', "-")
}
