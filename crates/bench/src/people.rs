//! People and tasks to measure with, written straight into the database, by the product's own rules and statements:
//! some thousand tasks to a commit instead of one.
//!
//! What this leaves out is the events: the tasks have no history, and no consumer was told of them.

use anyhow::{Context as _, Result};
use domain::{
    Description, Due, Email, PersonName, TaskId, Timers, Timestamp, Title, TokenId, UserId, Zone,
    event::Actor,
    preferences::Preferences,
    task::{Context, Task, TaskDraft},
    timer::TimerKind,
    user::{DEFAULT_ALL_DAY_TIME, User},
};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use store::{Commit, Store, Token, TokenKind};
use uuid::Uuid;

/// Tasks in one commit.
const CHUNK: u32 = 2000;

/// Somebody with a token.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: UserId,
    pub token: String,
}

/// Ids whose order is that of their numbers, as the product's are, and that SQL can compute: see [`task_id`].
const EPOCH_MILLIS: u128 = 0x0190_0000_0000;

/// The id of the person of this number.
pub fn person_id(person: u32) -> UserId {
    UserId(id(0, person))
}

/// The id of a person's task of this number.
pub fn task_id(person: u32, number: u32) -> TaskId {
    TaskId(id(number + 1, person))
}

/// The token of the person of this number.
pub fn token(person: u32) -> String {
    format!("todo_bench_{person:08}")
}

/// A UUIDv7: 48 bits of time, so that the order of creation is the order in an index.
fn id(number: u32, person: u32) -> Uuid {
    Uuid::from_u128((EPOCH_MILLIS + u128::from(number)) << 80 | 0x7000_8000_0000_0000_0000 | u128::from(person))
}

#[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

pub fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Adds people with the numbers of the range.
pub async fn add(store: &Store, numbers: std::ops::Range<u32>) -> Result<Vec<Person>> {
    let mut people = Vec::new();
    let mut commit = Commit::system();
    let now = now();
    for number in numbers {
        let person = Person { id: person_id(number), token: token(number) };
        let user = User {
            id: person.id,
            email: Email::parse(&format!("person-{number}@example.org"))?,
            name: PersonName::parse(&format!("Person {number}"))?,
            zone: Zone::parse("Europe/Berlin")?,
            all_day_time: DEFAULT_ALL_DAY_TIME,
            is_admin: false,
            is_disabled: false,
            preferences: Preferences::default(),
            version: 1,
            created_at: now,
        };
        let token = Token {
            id: TokenId(person.id.0),
            user_id: person.id,
            kind: TokenKind::Session,
            name: "session".into(),
            scopes: vec!["read".into(), "write".into()],
            user_agent: Some("bench".into()),
            address: None,
            created_at: now,
            last_used_at: Some(now),
            expires_at: None,
            idle_expires_at: None,
        };
        commit.create_user(&user, "no password");
        commit.token(&token, &Sha256::digest(person.token.as_bytes()));
        people.push(person);
    }
    store.commit(commit).await.context("adding people")?;
    Ok(people)
}

/// Which tasks a person is given.
#[derive(Debug, Clone, Copy)]
pub struct Tasks {
    pub count: u32,
    /// Of a hundred, so many are completed: the ones that came first.
    pub completed: u32,
    /// When those that are open are due: evenly from then on, within the span.
    pub due_from: Timestamp,
    pub due_within: SignedDuration,
}

impl Tasks {
    /// As somebody has them who has used this for two years: done with most of a year's, the rest due within a year.
    pub fn of_years(count: u32) -> Self {
        let due_from = later(now(), SignedDuration::from_hours(24 * 3));
        Self { count, completed: 50, due_from, due_within: SignedDuration::from_hours(24 * 365) }
    }

    /// All of them open and due within the span.
    pub fn due(count: u32, due_from: Timestamp, due_within: SignedDuration) -> Self {
        Self { count, completed: 0, due_from, due_within }
    }

    pub fn is_completed(&self, number: u32) -> bool {
        u64::from(number) * 100 < u64::from(self.count) * u64::from(self.completed)
    }

    pub fn due_at(&self, number: u32) -> Timestamp {
        let span = self.due_within.as_micros() as f64;
        let share = f64::from(number) / f64::from(self.count.max(1));
        later(self.due_from, SignedDuration::from_micros((span * share) as i64))
    }
}

/// Gives a person tasks; the first has this number.
pub async fn give(store: &Store, person: u32, first: u32, tasks: &Tasks) -> Result<()> {
    let zone = Zone::parse("Europe/Berlin")?;
    let user_id = person_id(person);
    let token_id = TokenId(user_id.0);
    let now = now();
    let mut number = 0;
    while number < tasks.count {
        let mut commit = Commit::of(user_id);
        for number in number..tasks.count.min(number + CHUNK) {
            // Two years of them, the last ones two days ago.
            let age =
                SignedDuration::from_mins(i64::from(tasks.count - number) * 60 * 24 * 700 / i64::from(tasks.count));
            let at = later(now, -age - SignedDuration::from_hours(48));
            let context = Context { at, actor: Actor::User { user_id, token_id }, all_day: DEFAULT_ALL_DAY_TIME };
            let mut draft = TaskDraft::titled(Title::parse(&title(number))?);
            draft.description = Description::parse(DESCRIPTION)?;
            draft.due = Some(Due::At { at: tasks.due_at(number), zone: zone.clone() });
            let mut change = Task::create(task_id(person, first + number), user_id, draft, &context);
            if tasks.is_completed(number) {
                change.state.completed_at = Some(later(at, SignedDuration::from_hours(20)));
                change.timers = Timers::Keep;
            }
            // A window that is open already was told of long ago.
            if let Timers::Replace(timers) = &mut change.timers {
                timers.retain(|timer| timer.kind != TimerKind::DueSoon || timer.fire_at > now);
            }
            commit.task(&change);
        }
        store.commit(commit).await.context("giving tasks")?;
        number += CHUNK;
    }
    Ok(())
}

pub fn title(number: u32) -> String {
    format!("Water the plants on balcony {number}")
}

pub const DESCRIPTION: &str =
    "The **tomatoes** want a litre each, the herbs half of that. Turn the big pot by a quarter.";
