//! Slots: each makes exactly one task, whoever comes first and whatever stood still.

use serde_json::json;
use worker::run_loop::Work;

use crate::support::{House, both_databases, hours, seconds};

/// Every day at noon UTC, from tomorrow.
async fn daily(house: &House, catch_up: &str) -> domain::RecurringTaskId {
    let input = json!({
        "title": "Water", "recurrence_type": "daily", "time_zone": "UTC", "catch_up": catch_up,
        "start_date": "2026-01-02T12:00:00Z", "subtasks": ["Roses"],
    });
    house.create_recurring(input).await
}

both_databases! {
    async fn a_slot_makes_its_task_and_tells_of_it(house: House) {
        let rule = daily(&house, "latest").await;
        house.drain().await;
        assert_eq!(house.occurrences(rule).await, Vec::<String>::new());
        house.pass_and_drain(hours(24)).await;
        assert_eq!(house.occurrences(rule).await, ["2026-01-02T12:00:00Z"]);
        assert_eq!(house.told().await, [("recurring", "Water".into())]);
        let tasks = house.app.store.open_occurrences(house.user(), rule, None).await.unwrap();
        let subtasks = house.app.store.subtasks(house.user(), tasks[0].id).await.unwrap();
        assert_eq!(subtasks.len(), 1);
        house.pass_and_drain(hours(24)).await;
        assert_eq!(house.occurrences(rule).await, ["2026-01-02T12:00:00Z", "2026-01-03T12:00:00Z"]);
    }

    async fn two_schedulers_make_one_task(house: House) {
        let mut rules = Vec::new();
        for _ in 0..20 {
            rules.push(daily(&house, "latest").await);
        }
        house.pass(hours(24));
        let (mut one, mut two) = (house.scheduler(), house.scheduler());
        let (first, second) = tokio::join!(one.step(), two.step());
        first.unwrap();
        second.unwrap();
        house.drain().await;
        for rule in rules {
            assert_eq!(house.occurrences(rule).await, ["2026-01-02T12:00:00Z"]);
        }
        assert_eq!(house.told().await.len(), 20);
    }

    async fn a_claim_that_was_lost_makes_nothing(house: House) {
        let rule = daily(&house, "latest").await;
        house.pass(hours(24));
        // A scheduler that died with the timer in its hands.
        let now = house.now();
        let dead = house.app.store.claim_due(now, 10, now + seconds(10), uuid::Uuid::max()).await.unwrap();
        assert_eq!(dead.len(), 1);
        house.drain().await;
        assert_eq!(house.occurrences(rule).await, Vec::<String>::new(), "it is still claimed");
        house.pass_and_drain(seconds(10)).await;
        assert_eq!(house.occurrences(rule).await, ["2026-01-02T12:00:00Z"]);
    }

    async fn catching_up_with_the_latest_after_a_stop(house: House) {
        let rule = daily(&house, "latest").await;
        house.pass_and_drain(hours(24 * 4 + 1)).await;
        assert_eq!(house.occurrences(rule).await, ["2026-01-05T12:00:00Z"]);
        house.pass_and_drain(hours(23)).await;
        assert_eq!(house.occurrences(rule).await, ["2026-01-05T12:00:00Z", "2026-01-06T12:00:00Z"]);
    }

    async fn catching_up_with_all_after_a_stop(house: House) {
        let rule = daily(&house, "all").await;
        house.pass_and_drain(hours(24 * 3 + 1)).await;
        let slots = ["2026-01-02T12:00:00Z", "2026-01-03T12:00:00Z", "2026-01-04T12:00:00Z"];
        assert_eq!(house.occurrences(rule).await, slots);
    }

    async fn skipping_what_a_stop_missed(house: House) {
        let rule = daily(&house, "skip").await;
        house.pass_and_drain(hours(24 * 4 + 1)).await;
        assert_eq!(house.occurrences(rule).await, Vec::<String>::new());
        house.pass_and_drain(hours(23)).await;
        assert_eq!(house.occurrences(rule).await, ["2026-01-06T12:00:00Z"]);
    }

    async fn a_pause_ends_by_itself(house: House) {
        let rule = daily(&house, "all").await;
        let pause = json!({ "until": "2026-01-04T00:00:00Z" });
        let pause = serde_json::from_value(pause).unwrap();
        house.app.pause_recurring_task(&house.caller, rule, &pause, None).await.unwrap();
        house.pass_and_drain(hours(60)).await;
        assert_eq!(house.occurrences(rule).await, Vec::<String>::new());
        house.pass_and_drain(hours(12)).await;
        assert_eq!(house.occurrences(rule).await, ["2026-01-04T12:00:00Z"]);
    }

    async fn a_slot_whose_task_exists_is_passed_over(house: House) {
        let rule = daily(&house, "all").await;
        // As if another process had made it from a state that this one does not know.
        let stored = house.app.store.recurring_task(house.user(), rule).await.unwrap().unwrap();
        let later = domain::task::Context {
            at: "2026-01-02T12:00:00Z".parse().unwrap(),
            actor: domain::event::Actor::Scheduler,
            all_day: house.caller.user.all_day_time,
        };
        let made = stored.make_occurrences(&later, &mut || house.app.new_id());
        let mut commit = store::Commit::of(house.user());
        for task in &made.tasks {
            commit.task(task);
        }
        house.app.store.commit(commit).await.unwrap();

        house.pass_and_drain(hours(24 * 2)).await;
        assert_eq!(house.occurrences(rule).await, ["2026-01-02T12:00:00Z", "2026-01-03T12:00:00Z"]);
        let moved_on = house.app.store.recurring_task(house.user(), rule).await.unwrap().unwrap();
        assert_eq!(moved_on.next_due_at().unwrap().to_string(), "2026-01-04T12:00:00Z");
    }
}
