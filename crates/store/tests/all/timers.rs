use std::collections::BTreeSet;

use domain::{Timestamp, UserId, task::Task, timer::TimerKind};
use jiff::SignedDuration;
use store::{Claim, Commit, CommitError, Store};

use crate::support::*;

/// Tasks due a minute apart from 2026-01-10T12:00Z; each has a due-soon timer and a due timer.
async fn due_tasks(store: &Store, user: UserId, count: i64) -> Vec<Task> {
    let mut tasks = Vec::new();
    for minute in 0..count {
        let due = at("2026-01-10T12:00:00Z") + SignedDuration::from_mins(minute);
        let mut planned = draft(&format!("due {minute}"));
        planned.due = due_at(&due.to_string());
        tasks.push(add_task(store, user, planned).await);
    }
    tasks
}

fn lease(from: Timestamp) -> Timestamp {
    from + SignedDuration::from_secs(30)
}

const LATER: &str = "2026-01-20T00:00:00Z";

both_databases! {
    async fn due_timers_are_claimed_in_due_order_and_once(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        due_tasks(&db.store, ann, 3).await;
        let soon = at("2026-01-09T12:00:00Z");
        assert_eq!(db.store.next_fire_at(now()).await.unwrap(), Some(soon));
        assert_eq!(db.store.claim_due(at("2026-01-09T11:59:59Z"), 10, lease(soon), uuid()).await.unwrap(), []);

        let late = at(LATER);
        let first = db.store.claim_due(late, 4, lease(late), uuid()).await.unwrap();
        assert_eq!(first.len(), 4);
        assert!(first.is_sorted_by_key(|claim| claim.timer.fire_at));
        assert_eq!((first[0].timer.kind, first[0].timer.fire_at, first[0].user_id), (TimerKind::DueSoon, soon, ann));
        let second = db.store.claim_due(late, 4, lease(late), uuid()).await.unwrap();
        assert_eq!(second.len(), 2);
        assert!(second[0].timer.fire_at >= first[3].timer.fire_at);
        assert_eq!(db.store.next_fire_at(late).await.unwrap(), None);
        assert_eq!(db.store.claim_due(late, 4, lease(late), uuid()).await.unwrap(), []);
    }

    async fn an_expired_claim_returns_and_the_lost_one_is_void(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let task = due_tasks(&db.store, ann, 1).await.remove(0);
        let moment = at("2026-01-09T12:00:00Z");
        let lost = db.store.claim_due(moment, 10, lease(moment), uuid()).await.unwrap();
        let expired = lease(moment);
        assert_eq!(db.store.next_fire_at(expired).await.unwrap(), Some(moment));
        let taken = db.store.claim_due(expired, 10, lease(expired), uuid()).await.unwrap();
        assert_eq!(taken[0].id, lost[0].id);

        let fire = |claim: &Claim| {
            let fired = task.clone().fire(claim.timer.into(), None, &context_at(ann, expired));
            let mut commit = Commit::of(ann);
            commit.claimed(claim);
            commit.task(&fired);
            add_events(&mut commit, &fired.events);
            commit
        };
        assert!(matches!(db.store.commit(fire(&lost[0])).await, Err(CommitError::Conflict)));
        assert_eq!(read(&db.store, ann, task.id).await.version, 1);
        db.store.commit(fire(&taken[0])).await.unwrap();
        assert_eq!(read(&db.store, ann, task.id).await.version, 2);
        assert!(matches!(db.store.commit(fire(&taken[0])).await, Err(CommitError::Conflict)), "fires once");
        let left = db.store.timers_of(ann, task.id.0).await.unwrap();
        assert_eq!(left.iter().map(|timer| timer.kind).collect::<Vec<_>>(), [TimerKind::Due]);
    }

    async fn an_edit_takes_claimed_timers_away(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let task = due_tasks(&db.store, ann, 1).await.remove(0);
        let moment = at("2026-01-09T12:00:00Z");
        let claims = db.store.claim_due(moment, 10, lease(moment), uuid()).await.unwrap();
        complete(&db.store, task.clone()).await;
        let mut commit = Commit::of(ann);
        commit.claimed(&claims[0]);
        assert!(matches!(db.store.commit(commit).await, Err(CommitError::Conflict)));
    }

    async fn released_claims_are_free_at_once(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        due_tasks(&db.store, ann, 2).await;
        let (moment, claim) = (at("2026-01-09T13:00:00Z"), uuid());
        assert_eq!(db.store.claim_due(moment, 10, lease(moment), claim).await.unwrap().len(), 2);
        db.store.release_claims(claim).await.unwrap();
        assert_eq!(db.store.claim_due(moment, 10, lease(moment), uuid()).await.unwrap().len(), 2);
    }

    async fn claimers_at_once_never_share_a_timer(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        due_tasks(&db.store, ann, 60).await;
        let late = at(LATER);
        let claimers = (0..8).map(|_| {
            let store = db.store.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let claims = store.claim_due(late, 7, lease(late), uuid()).await.unwrap();
                    if claims.is_empty() {
                        return mine;
                    }
                    mine.extend(claims.into_iter().map(|claim| claim.id));
                }
            })
        });
        let (mut all, mut count) = (BTreeSet::new(), 0);
        for mine in futures::future::join_all(claimers).await {
            let mine = mine.unwrap();
            count += mine.len();
            all.extend(mine);
        }
        assert_eq!((all.len(), count), (120, 120));
    }

    async fn fresh_timers_can_pass_a_backlog(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        due_tasks(&db.store, ann, 10).await;
        let late = at("2026-01-10T12:05:00Z");
        let since = late - SignedDuration::from_mins(2);
        let fresh = db.store.claim_due_since(since, late, 100, lease(late), uuid()).await.unwrap();
        assert_eq!(fresh.len(), 3);
        assert!(fresh.iter().all(|claim| claim.timer.fire_at >= since));
    }

    async fn the_late_ones_of_a_person_are_counted_and_claimed(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        due_tasks(&db.store, ann, 6).await;
        due_tasks(&db.store, bob, 1).await;
        let late = at("2026-01-11T00:00:00Z");
        assert_eq!(db.store.count_late(ann, late).await.unwrap(), 12);
        assert_eq!(db.store.count_late(bob, late).await.unwrap(), 2);
        let claims = db.store.claim_late_of(ann, late, late, 10, lease(late), uuid()).await.unwrap();
        assert_eq!(claims.len(), 10);
        assert!(claims.iter().all(|claim| claim.user_id == ann));
        let rest = db.store.claim_late_of(ann, late, late, 10, lease(late), uuid()).await.unwrap();
        assert_eq!(rest.len(), 2);
        assert_eq!(db.store.count_late(ann, late).await.unwrap(), 12, "claimed ones count until they fire");
    }
}
