//! What every consumer of events shares: the effect and the inbox row in one commit, and only then the
//! acknowledgement. So an event that is delivered twice has one effect.
//!
//! Events of one person are committed some dozens at a time, in the order of the batch; those of different people at
//! once. If such a commit is refused, its events are handled one by one. An event that fails again and again is parked
//! in the dead letters with its error, and its key flows on; that the database is away counts against no event.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use app::App;
use async_trait::async_trait;
use bus::{Envelope, Handler, Outcome};
use domain::{EventId, UserId, event::CloudEvent, notification::Notification, user::User};
use fail::fail_point;
use futures::{StreamExt, stream};
use store::{Commit, CommitError, DeadLetter, Duplicate, StoreError, planted::planted};

use crate::{WorkError, error::caught};

mod effect;

pub use effect::Effect;

/// An event is parked after so many failures.
pub const MOST_ATTEMPTS: u32 = 5;
/// How often one delivery is tried again when somebody else was first.
const MOST_TRIES: usize = 16;
const PEOPLE_AT_ONCE: usize = 32;
/// Most events in one commit.
const CHUNK: usize = 64;
/// Failing events that are remembered; far more than fail at once, unless everything does.
const REMEMBERED: usize = 10_000;

#[async_trait]
pub trait Consumer: Send + Sync {
    /// Its group on the bus, its name in the inbox and in metrics.
    fn name(&self) -> &'static str;

    fn topics(&self) -> &'static [&'static str];

    /// What the event means for its user. Reads, but writes nothing.
    async fn effect(&self, user: &User, event: &CloudEvent) -> Result<Effect, StoreError>;
}

/// A consumer's end of the bus.
pub struct Inbox {
    app: App,
    consumer: Arc<dyn Consumer>,
    /// Failures by event. In memory: after a restart an event gets its attempts anew.
    failures: Mutex<HashMap<EventId, u32>>,
}

/// A delivered event that is one of ours, and its place in the batch.
struct Delivered<'a> {
    place: usize,
    envelope: &'a Envelope,
    event: CloudEvent,
}

impl Inbox {
    pub fn new(app: App, consumer: Arc<dyn Consumer>) -> Self {
        Self { app, consumer, failures: Mutex::default() }
    }

    pub fn consumer(&self) -> &dyn Consumer {
        &*self.consumer
    }

    fn name(&self) -> &'static str {
        self.consumer.name()
    }

    /// Those of the users that can be read at once; the others are tried one by one.
    async fn read_users(&self, ids: Vec<UserId>) -> HashMap<UserId, User> {
        let users = self.app.store.users_by_id(&ids).await.unwrap_or_default();
        users.into_iter().map(|user| (user.id, user)).collect()
    }

    /// Outcomes by place, for those events of one user.
    async fn handle_user(
        &self,
        user: UserId,
        known: Option<User>,
        events: Vec<Delivered<'_>>,
    ) -> Vec<(usize, Outcome)> {
        match caught(self.handle_chunks(user, known, &events)).await.flatten() {
            Ok(()) => return events.iter().map(|event| (event.place, self.done(event))).collect(),
            Err(error) if error.is_unavailable() => {
                let again = |event: &Delivered<'_>| (event.place, Outcome::Retry(error.to_string()));
                return events.iter().map(again).collect();
            }
            Err(error) => tracing::debug!(consumer = self.name(), %error, "handling events one by one"),
        }
        let mut blocked = HashSet::new();
        let mut outcomes = Vec::with_capacity(events.len());
        for event in &events {
            let outcome = if blocked.contains(&event.envelope.key) {
                Outcome::Retry("it waits for an earlier event of its key".into())
            } else {
                self.handle_one(user, event).await
            };
            if matches!(outcome, Outcome::Retry(_)) {
                blocked.insert(&event.envelope.key);
            }
            outcomes.push((event.place, outcome));
        }
        outcomes
    }

    /// All of them, or an error and possibly some of them: what is in the inbox is passed over the next time.
    async fn handle_chunks(
        &self,
        user: UserId,
        known: Option<User>,
        events: &[Delivered<'_>],
    ) -> Result<(), WorkError> {
        let user = match known {
            Some(user) => Some(user),
            None => self.app.store.user(user).await?,
        };
        let mut ids = Vec::new();
        let mut gathered = Effect::default();
        for event in events {
            let effect = match &user {
                Some(user) => self.consumer.effect(user, &event.event).await?,
                None => Effect::default(),
            };
            if ids.len() == CHUNK || gathered.clashes_with(&effect) {
                self.commit(user.as_ref(), &ids, &gathered).await?;
                ids.clear();
                gathered = Effect::default();
            }
            ids.push(event.envelope.id);
            gathered.merge(effect);
        }
        Ok(self.commit(user.as_ref(), &ids, &gathered).await?)
    }

    async fn handle_one(&self, user: UserId, event: &Delivered<'_>) -> Outcome {
        let error = match caught(self.try_one(user, event)).await.flatten() {
            Ok(()) => return self.done(event),
            Err(error) if error.is_unavailable() => return Outcome::Retry(error.to_string()),
            Err(error) => error.to_string(),
        };
        let failures = self.failed(event.envelope.id);
        self.count("failed");
        tracing::warn!(consumer = self.name(), event = %event.envelope.id, error, failures, "an event failed");
        if failures < MOST_ATTEMPTS {
            return Outcome::Retry(error);
        }
        self.park(event.envelope, error, failures).await
    }

    async fn try_one(&self, user: UserId, event: &Delivered<'_>) -> Result<(), WorkError> {
        let ids = [event.envelope.id];
        let mut told_already = false;
        let mut conflict = None;
        for _ in 0..MOST_TRIES {
            // Read anew: a conflict may mean that the user is gone.
            let user = self.app.store.user(user).await?;
            let mut effect = match &user {
                Some(user) => self.consumer.effect(user, &event.event).await?,
                None => Effect::default(),
            };
            if told_already {
                effect.untell();
            }
            match self.commit(user.as_ref(), &ids, &effect).await {
                Ok(()) | Err(CommitError::Duplicate(Duplicate::Inbox)) => return Ok(()),
                Err(CommitError::Duplicate(Duplicate::Delivery)) if !told_already => told_already = true,
                Err(error @ CommitError::Conflict) => conflict = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        Err(conflict.unwrap_or(CommitError::Duplicate(Duplicate::Delivery)).into())
    }

    async fn commit(&self, user: Option<&User>, events: &[EventId], effect: &Effect) -> Result<(), CommitError> {
        let now = self.app.now();
        let mut commit = match user {
            Some(user) if !effect.is_nothing() => Commit::of(user.id),
            _ => Commit::system(),
        };
        for event in events {
            commit.inbox(self.name(), *event, now);
        }
        effect.add_to(&mut commit);
        fail_point!("effect-before");
        self.app.store.commit(commit).await?;
        fail_point!("effect-after");
        if planted("double-notification") {
            self.tell_again(user, effect).await?;
        }
        effect.count();
        Ok(())
    }

    /// What `double-notification` does: the items of the list once more, past the inbox and the ledger.
    async fn tell_again(&self, user: Option<&User>, effect: &Effect) -> Result<(), CommitError> {
        let Some(user) = user else { return Ok(()) };
        let mut commit = Commit::of(user.id);
        for notification in &effect.notifications {
            commit.notification(&Notification { id: self.app.new_id(), ..notification.clone() });
        }
        self.app.store.commit(commit).await.map(drop)
    }

    fn done(&self, event: &Delivered<'_>) -> Outcome {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&event.envelope.id);
        let latency = self.app.now().duration_since(event.event.time).as_secs_f64();
        metrics::histogram!("todo_event_latency_seconds", "consumer" => self.name()).record(latency);
        self.count("done");
        Outcome::Done
    }

    fn failed(&self, event: EventId) -> u32 {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= REMEMBERED {
            failures.clear();
        }
        let count = failures.entry(event).or_default();
        *count += 1;
        *count
    }

    /// Into the dead letters, and into the inbox, so that it comes no more until an operator replays it.
    async fn park(&self, envelope: &Envelope, error: String, attempts: u32) -> Outcome {
        let now = self.app.now();
        let letter = DeadLetter {
            id: domain::clock::new_uuid(now, &*self.app.random),
            consumer: self.name().into(),
            event_id: Some(envelope.id),
            topic: envelope.topic.clone(),
            key: envelope.key.clone(),
            payload: envelope.payload.clone(),
            error,
            attempts: i64::from(attempts),
            created_at: now,
        };
        let mut commit = Commit::system();
        commit.inbox(self.name(), envelope.id, now);
        commit.dead_letter(&letter);
        match self.app.store.commit(commit).await {
            Ok(_) => {
                metrics::counter!("todo_dead_letters_total", "consumer" => self.name()).increment(1);
                self.count("parked");
            }
            Err(CommitError::Duplicate(Duplicate::Inbox)) => {}
            Err(error) => return Outcome::Retry(error.to_string()),
        }
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&envelope.id);
        Outcome::Fail(letter.error)
    }

    fn count(&self, outcome: &'static str) {
        metrics::counter!("todo_events_consumed_total", "consumer" => self.name(), "outcome" => outcome).increment(1);
    }
}

#[async_trait]
impl Handler for Inbox {
    async fn handle(&self, batch: &[Envelope]) -> Vec<Outcome> {
        let ids: Vec<_> = batch.iter().map(|envelope| envelope.id).collect();
        let mut seen = match self.app.store.seen(self.name(), &ids).await {
            Ok(seen) => seen,
            Err(error) => return vec![Outcome::Retry(error.to_string()); batch.len()],
        };
        let mut outcomes = vec![Outcome::Done; batch.len()];
        let mut users: HashMap<UserId, Vec<Delivered<'_>>> = HashMap::new();
        for (place, envelope) in batch.iter().enumerate() {
            // Also the second of two in one batch.
            if !seen.insert(envelope.id) {
                self.count("seen");
                continue;
            }
            match serde_json::from_str::<CloudEvent>(&envelope.payload) {
                Ok(event) => {
                    users.entry(event.todouser).or_default().push(Delivered { place, envelope, event });
                }
                Err(error) => {
                    let error = format!("it is no event that this version reads: {error}");
                    outcomes[place] = self.park(envelope, error, 1).await;
                }
            }
        }
        let mut known = self.read_users(users.keys().copied().collect()).await;
        let mut handling = Vec::with_capacity(users.len());
        for (user, events) in users {
            handling.push(self.handle_user(user, known.remove(&user), events));
        }
        let handled: Vec<_> = stream::iter(handling).buffer_unordered(PEOPLE_AT_ONCE).collect().await;
        for (place, outcome) in handled.into_iter().flatten() {
            outcomes[place] = outcome;
        }
        fail_point!("ack-before", |_| Vec::new());
        outcomes
    }
}
