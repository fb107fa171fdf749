//! Reminders whose moments come in a burst, or while nothing runs: none lost, none early, none twice.
//!
//! Time moves by hand, so minutes of it take none. What a kill leaves behind is made by dropping the loops in the
//! middle of their work; real kills are the business of `crash`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testkit::{TestApp, User, both_databases};
use worker::{run_loop::Work, scheduler::Scheduler};

const TASKS: usize = 1000;

/// Tasks that are due one after the other within a minute that begins at ten.
async fn a_minute_of_tasks(user: &User) {
    for number in 0..TASKS {
        let due = format!("2026-01-15T10:00:{:02}.{:03}Z", number * 60 / TASKS, number * 60 % TASKS * 1000 / TASKS);
        let body = json!({"title": format!("Task {number}"), "due_date": due, "reminders": [{"minutes_before": 0}]});
        user.post("/api/tasks", body).await.expect(201);
    }
}

/// Lines of the ledger by task, each checked against its moment.
async fn ledger(user: &User) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    for row in user.all("/api/deliveries?status=sent").await {
        let (moment, sent) = (row["moment"].as_str().unwrap(), row["sent_at"].as_str().unwrap());
        let moment: jiff::Timestamp = moment.parse().unwrap();
        assert!(sent.parse::<jiff::Timestamp>().unwrap() >= moment, "early: {row}");
        *lines.entry(row["task_id"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    lines
}

both_databases! {
    async fn a_thousand_reminders_within_a_minute_with_a_kill_in_it(app: TestApp) {
        let ann = app.user("ann").await;
        a_minute_of_tasks(&ann).await;
        app.drain().await;
        for second in [7, 20, 33] {
            app.set_time(&format!("2026-01-15T10:00:{second:02}Z")).await;
        }
        // A process takes its batch and dies with it: here a step that is dropped at some await, at several places.
        for polls in 1..40 {
            app.clock.advance(jiff::SignedDuration::from_millis(200));
            let dying = app.restarted().await;
            let mut scheduler = Scheduler::new(dying.app.clone());
            let mut step = Box::pin(scheduler.step());
            for _ in 0..polls {
                let poll = std::future::poll_fn(|context| std::task::Poll::Ready(step.as_mut().poll(context).is_ready()));
                if poll.await {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(step);
        }
        // Those of the dead are held by their leases for a while; nobody is told early because of it.
        for second in [45, 55, 59] {
            app.set_time(&format!("2026-01-15T10:00:{second:02}Z")).await;
        }
        app.set_time("2026-01-15T10:01:15Z").await;
        let ledger = ledger(&ann).await;
        assert_eq!(ledger.len(), TASKS);
        assert!(ledger.values().all(|lines| *lines == 1));
        let told = ann.all("/api/notifications").await;
        let mut titles: Vec<_> = told.iter().map(|item| item["title"].as_str().unwrap()).collect();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!((told.len(), titles.len()), (TASKS, TASKS));
    }

    async fn a_stop_over_three_minutes_loses_none_and_floods_nobody(app: TestApp) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        a_minute_of_tasks(&ann).await;
        for number in 0..5 {
            let body = json!({"title": format!("Few {number}"), "due_date": "2026-01-15T10:00:30Z", "reminders": [{"minutes_before": 0}]});
            bob.post("/api/tasks", body).await.expect(201);
        }
        app.drain().await;
        app.clock.set("2026-01-15T10:03:30Z".parse().unwrap());
        // Something that is due now does not stand behind what was missed.
        ann.task("Fresh", Some("2026-01-15T10:03:31Z")).await;
        app.set_time("2026-01-15T10:03:31Z").await;
        let lines = ledger(&ann).await;
        assert_eq!(lines.len(), TASKS + 1);
        let told = ann.all("/api/notifications").await;
        let digests: Vec<&Value> = told.iter().filter(|item| item["kind"] == "digest").collect();
        assert_eq!(digests.len(), 1, "a thousand late ones are one notification");
        assert_eq!(digests[0]["late"], true);
        assert_eq!(digests[0]["task_ids"].as_array().unwrap().len(), TASKS);
        for row in ann.all("/api/deliveries?status=sent").await {
            let folded = row["digest_id"] == digests[0]["id"];
            assert_eq!(folded, row["late"] == true, "{row}");
        }
        let own: Vec<_> = told.iter().filter(|item| item["title"] == "Fresh").map(|item| item["kind"].as_str().unwrap()).collect();
        assert_eq!(own, ["due", "due_soon"]);
        // Few late ones come one by one, marked late.
        let few = bob.all("/api/notifications").await;
        assert_eq!(few.len(), 5);
        assert!(few.iter().all(|item| item["kind"] == "due" && item["late"] == true));
    }

    async fn a_rule_that_slept_for_days_makes_what_its_catch_up_says(app: TestApp) {
        let ann = app.user("ann").await;
        for (catch_up, expected) in [("latest", 1), ("all", 4), ("skip", 0)] {
            let rule = json!({"title": catch_up, "recurrence_type": "daily", "start_date": "2026-01-16T08:00:00Z", "catch_up": catch_up});
            let rule = ann.post("/api/recurring-tasks", rule).await.expect(201);
            app.clock.set("2026-01-19T12:00:00Z".parse().unwrap());
            app.drain().await;
            let tasks = ann.all(&format!("/api/tasks?recurring_task_id={}", rule.id())).await;
            assert_eq!(tasks.len(), expected, "{catch_up}");
            let rule = ann.get(&format!("/api/recurring-tasks/{}", rule.id())).await.expect(200);
            assert_eq!(rule["next_due_at"], "2026-01-20T08:00:00Z", "{catch_up}");
            app.clock.set("2026-01-15T09:00:00Z".parse().unwrap());
        }
        app.set_time("2026-01-19T13:00:00Z").await;
    }
}
