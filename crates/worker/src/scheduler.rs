//! Fires timers: claims those that are due, lets the domain decide what each moment means, and commits the consequence
//! together with the timer's removal.
//!
//! Any number of schedulers run at once. A claim is a short lease; the commit is void if the claim was lost, so nothing
//! happens twice, and a scheduler that dies leaves its timers to the others.
//!
//! **A backlog.** Up to half of each batch is for timers that became due within the last minute, the rest goes to the
//! oldest. So after a long stop the backlog is worked off in due order, and what is due now does not stand behind it.
//!
//! **Throughput.** The timers of one person are committed some dozens at a time, in due order; those of different
//! people at once. If such a commit is refused, its timers are tried one by one, so that one edit that came between
//! costs nothing to the rest.

mod decide;
mod digest;

use std::collections::{HashMap, HashSet};

use app::App;
use async_trait::async_trait;
use domain::{
    Timestamp, UserId,
    event::{Actor, DigestData},
    notification::LATE_AFTER,
    task::{Context, Fired},
    user::User,
};
use fail::fail_point;
use futures::{StreamExt, stream};
use jiff::SignedDuration;
use store::{Claim, Commit, CommitError, Duplicate, Hint, planted::planted};
use uuid::Uuid;

use crate::{
    WorkError,
    error::caught,
    run_loop::{Next, Work},
};

use decide::{Decided, Existing, Known};

const BATCH: u32 = 256;
/// Of the batch, the part that fresh timers may take before the oldest ones.
const FRESH: u32 = BATCH / 2;
/// Long enough for a batch, short enough to be forgotten soon after a crash.
const LEASE: SignedDuration = SignedDuration::from_secs(10);
const PEOPLE_AT_ONCE: usize = 32;
/// Most timers in one commit.
const CHUNK: usize = 64;
const MOST_TRIES: usize = 16;

pub struct Scheduler {
    app: App,
    /// What the loop sleeps for.
    next_fire_at: Option<Timestamp>,
}

/// One batch: who holds it, and how long.
#[derive(Debug, Clone, Copy)]
struct Batch {
    claim: Uuid,
    lease_until: Timestamp,
}

impl Scheduler {
    pub fn new(app: App) -> Self {
        Self { app, next_fire_at: None }
    }

    async fn claim(&self, now: Timestamp, batch: Batch) -> Result<Vec<Claim>, WorkError> {
        let store = &self.app.store;
        let Batch { claim, lease_until } = batch;
        let fresh = now.checked_sub(LATE_AFTER).unwrap_or(Timestamp::MIN);
        let mut claims = store.claim_due_since(fresh, now, FRESH, lease_until, claim).await?;
        let left = BATCH.saturating_sub(u32::try_from(claims.len()).unwrap_or(BATCH));
        claims.extend(store.claim_due(now, left, lease_until, claim).await?);
        claims.sort_by_key(|claim| (claim.timer.fire_at, claim.id));
        Ok(claims)
    }

    /// Fires the timers of each person beside those of the others. What they are about is read at once for all.
    async fn fire_batch(&self, claims: Vec<Claim>, batch: Batch) -> Result<(), WorkError> {
        let people = by_user(claims);
        let ids: Vec<_> = people.iter().map(|(user, _)| *user).collect();
        let users = self.app.store.users_by_id(&ids).await?;
        let mut users: HashMap<_, _> = users.into_iter().map(|user| (user.id, user)).collect();
        let mut known = self.read_tasks(&people).await?;
        let mut firing = Vec::with_capacity(people.len());
        for (id, claims) in people {
            let known = known.remove(&id).unwrap_or_default();
            firing.push(self.fire_all_of(users.remove(&id), claims, known, batch));
        }
        let fired: Vec<_> = stream::iter(firing).buffer_unordered(PEOPLE_AT_ONCE).collect().await;
        fired.into_iter().collect()
    }

    /// Fires the timers of one person, in due order.
    async fn fire_all_of(
        &self,
        user: Option<User>,
        claims: Vec<Claim>,
        mut known: Known,
        batch: Batch,
    ) -> Result<(), WorkError> {
        let Some(user) = user else {
            return self.remove(&claims).await;
        };
        let (mut claims, digest) = self.fold_late(&user, claims, batch).await?;
        let mut rounds = 0;
        loop {
            for chunk in chunks(&claims) {
                self.fire(&user, chunk, digest.as_ref(), &mut known, batch).await?;
            }
            rounds += 1;
            claims = match &digest {
                Some(_) if rounds < digest::MOST_ROUNDS => self.more_late(&user, batch).await?,
                _ => return Ok(()),
            };
        }
    }

    /// Fires timers of different subjects in one commit, or one by one if that is refused.
    async fn fire(
        &self,
        user: &User,
        claims: &[Claim],
        digest: Option<&DigestData>,
        known: &mut Known,
        batch: Batch,
    ) -> Result<(), WorkError> {
        match caught(self.attempt(user, claims, digest, Existing::Unknown, known)).await.flatten() {
            Ok(()) => return Ok(()),
            Err(error) if error.is_unavailable() => return Err(error),
            Err(_) => {}
        }
        for claim in claims {
            match caught(self.fire_one(user, *claim, digest, batch)).await.flatten() {
                Ok(()) => {}
                Err(error) if error.is_unavailable() => return Err(error),
                // Its lease runs out, and it is tried again then; the others need not wait for it.
                Err(error) => {
                    metrics::counter!("todo_loop_failures_total", "loop" => "scheduler").increment(1);
                    let timer = claim.timer;
                    tracing::error!(kind = timer.kind.name(), subject = %timer.subject, %error, "a timer cannot fire");
                }
            }
        }
        Ok(())
    }

    /// Reads and decides again as long as somebody else is first.
    async fn fire_one(
        &self,
        user: &User,
        claim: Claim,
        digest: Option<&DigestData>,
        batch: Batch,
    ) -> Result<(), WorkError> {
        let mut existing = Existing::Unknown;
        for _ in 0..MOST_TRIES {
            match self.attempt(user, &[claim], digest, existing, &mut Known::new()).await {
                // Also when the claim is lost, which the end of the lease tells.
                Err(WorkError::Commit(CommitError::Conflict)) if self.app.now() < batch.lease_until => {}
                Err(WorkError::Commit(CommitError::Conflict)) => return Ok(()),
                Err(WorkError::Commit(CommitError::Duplicate(Duplicate::Slot))) => existing = Existing::LookUp,
                outcome => return outcome,
            }
        }
        tracing::debug!(kind = claim.timer.kind.name(), "left to whoever holds it");
        Ok(())
    }

    async fn attempt(
        &self,
        user: &User,
        claims: &[Claim],
        digest: Option<&DigestData>,
        existing: Existing,
        known: &mut Known,
    ) -> Result<(), WorkError> {
        let context = Context { at: self.app.now(), actor: Actor::Scheduler, all_day: user.all_day_time };
        let tasks = self.tasks_of(user.id, claims, known).await?;
        let mut decided = self.decide(user.id, claims, tasks, digest, existing, &context).await?;
        if planted("drop-timer") {
            decided.fill_with(|| Decided::Nothing);
        }
        let fired: Vec<_> = claims.iter().zip(&decided).filter(|(_, decided)| !decided.is_nothing()).collect();
        let mut commit = if fired.is_empty() { Commit::system() } else { Commit::of(user.id) };
        for claim in claims {
            commit.claimed(claim);
        }
        for decided in &decided {
            match decided {
                Decided::Nothing => {}
                Decided::Task(change) => {
                    commit.task(change);
                    self.app.record(&mut commit, &change.events);
                }
                Decided::Rule(rule, tasks) => {
                    for task in tasks {
                        commit.task(task);
                        self.app.record(&mut commit, &task.events);
                    }
                    commit.recurring_task(rule);
                    self.app.record(&mut commit, &rule.events);
                }
            }
        }
        let fired: Vec<_> = fired.into_iter().map(|(claim, _)| claim.timer).collect();
        self.app.store.commit(commit).await?;
        for timer in fired {
            let lateness = context.at.duration_since(timer.fire_at).as_secs_f64();
            metrics::counter!("todo_timers_fired_total", "kind" => timer.kind.name()).increment(1);
            metrics::histogram!("todo_reminder_lateness_seconds").record(lateness);
        }
        Ok(())
    }

    /// The timers of somebody who is gone.
    async fn remove(&self, claims: &[Claim]) -> Result<(), WorkError> {
        for claim in claims {
            let mut commit = Commit::system();
            commit.claimed(claim);
            match self.app.store.commit(commit).await {
                Ok(_) | Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Work for Scheduler {
    fn name(&self) -> &'static str {
        "scheduler"
    }

    async fn step(&mut self) -> Result<Next, WorkError> {
        let mut now = self.app.now();
        if planted("early-timer") {
            now = now.checked_add(SignedDuration::from_secs(2)).unwrap_or(now);
        }
        self.next_fire_at = self.app.store.next_fire_at(now).await?;
        match self.next_fire_at {
            None => return Ok(Next::Idle),
            Some(at) if at > now => return Ok(Next::At(at)),
            Some(_) => {}
        }
        let claim = domain::clock::new_uuid(now, &*self.app.random);
        let batch = Batch { claim, lease_until: now.checked_add(LEASE).unwrap_or(Timestamp::MAX) };
        let claims = self.claim(now, batch).await?;
        if claims.is_empty() {
            // Another scheduler was first; what it has is no moment to sleep for.
            self.next_fire_at = None;
            return Ok(Next::Idle);
        }
        fail_point!("claim-after");
        let fired = self.fire_batch(claims, batch).await;
        if let Err(error) = fired {
            // Best effort: if the database is away, the lease runs out by itself.
            let _ = self.app.store.release_claims(claim).await;
            return Err(error);
        }
        Ok(Next::Now)
    }

    fn wakes_for(&self, hint: &Hint) -> bool {
        hint.timers.is_some_and(|at| self.next_fire_at.is_none_or(|next| at < next))
    }
}

/// In due order for each; the person whose timer is the earliest comes first.
fn by_user(claims: Vec<Claim>) -> Vec<(UserId, Vec<Claim>)> {
    let mut users: Vec<(UserId, Vec<Claim>)> = Vec::new();
    let mut places = HashMap::new();
    for claim in claims {
        let place = *places.entry(claim.user_id).or_insert_with(|| {
            users.push((claim.user_id, Vec::new()));
            users.len() - 1
        });
        if let Some((_, claims)) = users.get_mut(place) {
            claims.push(claim);
        }
    }
    users
}

/// Runs of timers of which no two have one subject: a commit must not touch a row twice.
fn chunks(claims: &[Claim]) -> Vec<&[Claim]> {
    let mut chunks = Vec::new();
    let mut subjects = HashSet::new();
    let mut start = 0;
    for (index, claim) in claims.iter().enumerate() {
        if subjects.contains(&claim.timer.subject) || index - start == CHUNK {
            chunks.push(&claims[start..index]);
            start = index;
            subjects.clear();
        }
        subjects.insert(claim.timer.subject);
    }
    if start < claims.len() {
        chunks.push(&claims[start..]);
    }
    chunks
}

fn is_late(claim: &Claim, now: Timestamp) -> bool {
    Fired::from(claim.timer).is_late(now)
}
