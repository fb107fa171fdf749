//! After a stop: many late reminders of one person become one digest instead of a flood.

use domain::{
    NotificationId, Random, Timestamp, UserId,
    event::{Actor, DigestData, EventData},
    notification::{Channel, LATE_AFTER, LATE_ONES_BEFORE_DIGEST},
    task::Context,
    timer::TimerKind,
    user::User,
};
use store::Claim;

use super::{
    Batch, Decided, Scheduler,
    decide::{Existing, Known},
    is_late,
};
use crate::WorkError;

/// Most timers that are claimed for a digest at once.
const ROUND: u32 = 1000;
/// Most rounds of one digest, so that one person's flood does not hold up everybody else's batch.
pub(super) const MOST_ROUNDS: usize = 4;
/// Late ones of one person found within this time belong to the same digest, whichever scheduler finds them.
const SAME_DIGEST_SECONDS: i64 = 60;

impl Scheduler {
    /// If too many are late, claims the person's other late timers too; those that tell anything fold into the digest.
    pub(super) async fn fold_late(
        &self,
        user: &User,
        mut claims: Vec<Claim>,
        batch: Batch,
    ) -> Result<(Vec<Claim>, Option<DigestData>), WorkError> {
        let now = self.app.now();
        if !claims.iter().any(|claim| is_of_task(claim) && is_late(claim, now)) {
            return Ok((claims, None));
        }
        let most = i64::try_from(LATE_ONES_BEFORE_DIGEST).unwrap_or(i64::MAX);
        let late = self.app.store.count_late(user.id, late_before(now)).await?;
        if late <= most {
            return Ok((claims, None));
        }
        claims.extend(self.more_late(user, batch).await?);
        claims.sort_by_key(|claim| (claim.timer.fire_at, claim.id));
        let held = claims.iter().filter(|claim| is_of_task(claim) && is_late(claim, now)).count();
        let elsewhere = (late - i64::try_from(held).unwrap_or(0)).max(0);
        let count = self.telling(user, &claims, now).await? + elsewhere;
        let digest = (count > most)
            .then(|| DigestData { id: digest_id(user.id, now), count: u32::try_from(count).unwrap_or(u32::MAX) });
        Ok((claims, digest))
    }

    /// Late timers of the person that nobody holds, now part of the batch.
    pub(super) async fn more_late(&self, user: &User, batch: Batch) -> Result<Vec<Claim>, WorkError> {
        let now = self.app.now();
        let Batch { claim, lease_until } = batch;
        Ok(self.app.store.claim_late_of(user.id, late_before(now), now, ROUND, lease_until, claim).await?)
    }

    /// How many of the late ones the person would be told of.
    async fn telling(&self, user: &User, claims: &[Claim], now: Timestamp) -> Result<i64, WorkError> {
        let late: Vec<_> = claims.iter().filter(|claim| is_of_task(claim) && is_late(claim, now)).copied().collect();
        let context = Context { at: now, actor: Actor::Scheduler, all_day: user.all_day_time };
        let mut count = 0;
        for chunk in super::chunks(&late) {
            let tasks = self.tasks_of(user.id, chunk, &mut Known::new()).await?;
            let decided = self.decide(user.id, chunk, tasks, None, Existing::Unknown, &context).await?;
            count += decided.iter().filter(|decided| tells(decided, user)).count();
        }
        Ok(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

fn tells(decided: &Decided, user: &User) -> bool {
    let Decided::Task(change) = decided else { return false };
    change.events.iter().any(|event| match &event.data {
        EventData::Task(data) => data
            .reminder
            .as_ref()
            .is_some_and(|reminder| reminder.notify && user.preferences.wants(reminder.kind, Channel::InApp)),
        EventData::RecurringTask(_) => false,
    })
}

fn is_of_task(claim: &Claim) -> bool {
    !matches!(claim.timer.kind, TimerKind::Slot | TimerKind::Resume)
}

fn late_before(now: Timestamp) -> Timestamp {
    now.checked_sub(LATE_AFTER).unwrap_or(Timestamp::MIN)
}

/// The same for every scheduler that finds late ones of this person within the same minute.
fn digest_id(user: UserId, now: Timestamp) -> NotificationId {
    struct Fixed(UserId);
    impl Random for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            // The end of the id is its random part.
            for (byte, own) in bytes.iter_mut().rev().zip(self.0.0.into_bytes().into_iter().rev()) {
                *byte = own;
            }
        }
    }
    let second = now.as_second();
    let at = Timestamp::from_second(second - second.rem_euclid(SAME_DIGEST_SECONDS)).unwrap_or(now);
    domain::clock::new_id(at, &Fixed(user))
}
