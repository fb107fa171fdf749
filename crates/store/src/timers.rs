//! Timers: claimed in batches by any number of schedulers, never by two at once.
//!
//! A claim is a lease: it runs out by itself. What fires is removed in the same commit that stores the consequence,
//! and only under the claim it was taken with, so a lease that ran out makes the commit void instead of happening
//! twice.

use domain::{
    Timers, Timestamp, UserId,
    timer::{Timer, TimerKind},
};
use uuid::Uuid;

use crate::{
    Commit, Store, StoreError,
    db::{Row, params},
    stored::corrupt,
};

/// A timer that is this scheduler's for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub id: i64,
    pub user_id: UserId,
    pub timer: Timer,
    /// The same for all of one batch.
    pub claim: Uuid,
}

const INSERT: &str = "insert into timers (kind, subject, user_id, moment, fire_at) select $1, $2, $3, $4, $5 {from} \
    where {locked}";

/// Leaves those that this commit claimed: [`CLAIMED`] removes them, and PostgreSQL would not count a row that two
/// statements of one commit remove.
const REPLACED: &str = "delete from timers {using} where subject = $1 and {beside:user_id} = $2 and (claim is null or claim <> $3) and {locked}";

const REPLACED_AHEAD: &str = "delete from timers {using} where subject = $1 and {beside:user_id} = $2 and (claim is null or claim <> $3) and fire_at > $4 and {locked}";

const CLAIMED: &str = "delete from timers {using} where id = $1 and claim = $2 and {locked}";

/// `{skip_locked}` is PostgreSQL's way to pass over what another scheduler is claiming this very moment; SQLite has
/// one writer, which claims one batch after the other.
pub(crate) const CLAIM_DUE: &str = "with due as materialized (\
    select id from timers where fire_at >= $3 and fire_at <= $4 and (claimed_until is null or claimed_until <= $4) \
    order by fire_at limit $5 {skip_locked}) \
    update timers set claim = $1, claimed_until = $2 where id in (select id from due) \
    returning id, user_id, kind, subject, moment, fire_at, claim";

const CLAIM_LATE_OF: &str = "with due as materialized (\
    select id from timers where user_id = $3 and fire_at < $4 and kind in ('due_soon', 'due', 'reminder', 'snooze') \
    and (claimed_until is null or claimed_until <= $6) \
    order by fire_at limit $5 {skip_locked}) \
    update timers set claim = $1, claimed_until = $2 where id in (select id from due) \
    returning id, user_id, kind, subject, moment, fire_at, claim";

pub(crate) const TIMERS_OF: &str = "select id, user_id, kind, subject, moment, fire_at, coalesce(claim, subject) as claim \
    from timers where subject = $1 and {beside:user_id} = $2 order by fire_at, id";

fn claim(row: &Row<'_>) -> Result<Claim, StoreError> {
    let kind: String = row.get("kind")?;
    let kind = TimerKind::from_name(&kind).ok_or_else(|| corrupt(format!("timer kind {kind}")))?;
    let timer = Timer { kind, subject: row.get("subject")?, moment: row.get("moment")?, fire_at: row.get("fire_at")? };
    Ok(Claim { id: row.get("id")?, user_id: row.get("user_id")?, timer, claim: row.get("claim")? })
}

fn in_due_order(mut claims: Vec<Claim>) -> Vec<Claim> {
    claims.sort_by_key(|claim| (claim.timer.fire_at, claim.id));
    claims
}

impl Commit {
    /// The timer fired, and this commit is its consequence: it goes, if it is still claimed as it was. All claims of
    /// one commit must be of one batch. Call it before the change whose timers replace others.
    pub fn claimed(&mut self, claim: &Claim) {
        self.claim = Some(claim.claim);
        self.guard(CLAIMED, params![claim.id, claim.claim]);
    }

    /// What a change says of its subject's timers.
    pub(crate) fn change_timers(&mut self, user: UserId, subject: Uuid, timers: &Timers, new: bool) {
        let claim = self.claim.unwrap_or(Uuid::nil());
        let timers = match timers {
            Timers::Keep => return,
            Timers::Replace(timers) => {
                if !new {
                    self.push(REPLACED, params![subject, user, claim]);
                }
                timers
            }
            Timers::ReplaceAhead { now, timers } => {
                self.push(REPLACED_AHEAD, params![subject, user, claim, *now]);
                timers
            }
        };
        for timer in timers {
            self.hints_timer(timer);
            self.push(INSERT, params![timer.kind.name(), timer.subject, user, timer.moment, timer.fire_at]);
        }
    }
}

impl Store {
    /// The earliest due timers that nobody holds, in due order; held by `claim` until `lease_until`.
    pub async fn claim_due(
        &self,
        now: Timestamp,
        limit: u32,
        lease_until: Timestamp,
        claim: Uuid,
    ) -> Result<Vec<Claim>, StoreError> {
        self.claim_due_since(Timestamp::UNIX_EPOCH, now, limit, lease_until, claim).await
    }

    /// As [`claim_due`](Self::claim_due), but only those due at `since` or later: lets fresh timers pass a backlog.
    pub async fn claim_due_since(
        &self,
        since: Timestamp,
        now: Timestamp,
        limit: u32,
        lease_until: Timestamp,
        claim_id: Uuid,
    ) -> Result<Vec<Claim>, StoreError> {
        let params = params![claim_id, lease_until, since, now, i64::from(limit)];
        Ok(in_due_order(self.db.write(CLAIM_DUE, params, claim).await?))
    }

    /// One person's timers of tasks that should have fired before `before`, earliest first: what folds into a digest.
    pub async fn claim_late_of(
        &self,
        user: UserId,
        before: Timestamp,
        now: Timestamp,
        limit: u32,
        lease_until: Timestamp,
        claim_id: Uuid,
    ) -> Result<Vec<Claim>, StoreError> {
        let params = params![claim_id, lease_until, user, before, i64::from(limit), now];
        Ok(in_due_order(self.db.write(CLAIM_LATE_OF, params, claim).await?))
    }

    /// How many of one person's timers of tasks should have fired before `before`, claimed or not.
    pub async fn count_late(&self, user: UserId, before: Timestamp) -> Result<i64, StoreError> {
        const SQL: &str = "select count(*) as number from timers where user_id = $1 and fire_at < $2 \
            and kind in ('due_soon', 'due', 'reminder', 'snooze')";
        Ok(self.db.one(SQL, params![user, before], |row| row.get("number")).await?.unwrap_or(0))
    }

    /// When the next timer that nobody holds fires; in the past if one is due. A claim that runs out meanwhile is for
    /// the poll to find.
    pub async fn next_fire_at(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        const SQL: &str = "select fire_at from timers where claimed_until is null or claimed_until <= $1 \
            order by fire_at limit 1";
        self.db.one(SQL, params![now], |row| row.get("fire_at")).await
    }

    /// Gives claimed timers back at once, for a scheduler that stops.
    pub async fn release_claims(&self, claim: Uuid) -> Result<(), StoreError> {
        const SQL: &str = "update timers set claim = null, claimed_until = null where claim = $1 returning id";
        self.db.write(SQL, params![claim], |row| row.get::<i64>("id")).await.map(drop)
    }

    /// The timers of a task or recurring task, in firing order.
    pub async fn timers_of(&self, user: UserId, subject: Uuid) -> Result<Vec<Timer>, StoreError> {
        let claims = self.db.all(TIMERS_OF, params![subject, user], claim).await?;
        Ok(claims.into_iter().map(|claim| claim.timer).collect())
    }
}
