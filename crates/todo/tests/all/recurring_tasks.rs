//! `/api/recurring-tasks`.

use serde_json::{Value, json};
use testkit::{TestApp, both_databases};
use worker::{run_loop::Work, scheduler::Scheduler};

/// The specification's example, to the letter.
fn weekly_team_meeting() -> Value {
    json!({
        "title": "Weekly Team Meeting",
        "description": "Regular team sync meeting",
        "priority": 2,
        "recurrence_type": "weekly",
        "recurrence_interval": 1,
        "start_date": "2025-01-01T09:00:00Z",
        "end_date": "2025-12-31T09:00:00Z",
    })
}

both_databases! {
    async fn the_weekly_team_meeting_written_on_its_first_day(app: TestApp) {
        app.set_time("2025-01-01T09:00:00Z").await;
        let ann = app.user("ann").await.lasting().await;
        let made = ann.post("/api/recurring-tasks", weekly_team_meeting()).await.expect(201);
        made["id"].as_str().unwrap();
        assert_eq!(made["title"], "Weekly Team Meeting");
        assert_eq!(made["recurrence_type"], "weekly");
        assert_eq!(made["next_due_at"], "2025-01-08T09:00:00Z");
        assert_eq!(made["is_active"], true);
        assert_eq!(ann.get("/api/tasks").await.expect(200).titles(), ["Weekly Team Meeting"]);
        let list = ann.get("/api/recurring-tasks").await.expect(200);
        assert_eq!((&list["total"], &list["page"], &list["page_size"]), (&json!(1), &json!(1), &json!(20)));
        assert_eq!(list["items"][0]["id"], made["id"]);
        // The whole year, week by week: one task each, at its slot, and none after the end.
        for week in 1..=52 {
            app.advance_hours(24 * 7).await;
            let total = ann.get("/api/tasks").await.expect(200)["total"].clone();
            assert_eq!(total, (1 + week).min(53), "week {week}");
        }
        let over = ann.get(&format!("/api/recurring-tasks/{}", made.id())).await.expect(200);
        assert_eq!((&over["is_active"], &over["next_due_at"]), (&json!(false), &Value::Null));
        let tasks = ann.all("/api/tasks").await;
        assert!(tasks.iter().all(|task| task["recurring_task_id"] == made["id"] && task["due_date"] == task["slot"]));
    }

    /// A year later, when it is over.
    async fn the_weekly_team_meeting_written_after_its_end(app: TestApp) {
        let ann = app.user("ann").await.lasting().await;
        let made = ann.post("/api/recurring-tasks", weekly_team_meeting()).await.expect(201);
        assert_eq!((&made["is_active"], &made["next_due_at"]), (&json!(false), &Value::Null));
        app.advance_hours(24 * 30).await;
        assert_eq!(ann.get("/api/tasks").await.expect(200)["total"], 0);
        assert!(ann.told().await.is_empty());
    }

    async fn a_daily_medication_and_a_monday_standup_in_berlin(app: TestApp) {
        let ann = app.user("ann").await.lasting().await;
        let daily = json!({"title": "Take medication", "recurrence_type": "daily", "start_date": "2026-01-16T08:00:00Z"});
        let daily = ann.post("/api/recurring-tasks", daily).await.expect(201);
        let standup = json!({
            "title": "Weekly Standup", "recurrence_type": "weekly", "weekdays": ["monday"],
            "time_zone": "Europe/Berlin", "start_date": "2026-03-23T08:00:00Z",
        });
        let standup = ann.post("/api/recurring-tasks", standup).await.expect(201);
        assert_eq!(standup["next_due_at"], "2026-03-23T08:00:00Z");
        app.set_time("2026-01-16T08:00:00Z").await;
        assert_eq!(ann.told().await, [("recurring".into(), "Take medication".into())]);
        ann.delete(&format!("/api/recurring-tasks/{}", daily.id())).await.expect(204);
        // The clocks go forward on 29 March: nine o'clock stays nine o'clock.
        app.set_time("2026-03-23T08:00:00Z").await;
        let next = ann.get(&format!("/api/recurring-tasks/{}", standup.id())).await.expect(200);
        assert_eq!(next["next_due_at"], "2026-03-30T07:00:00Z");
        assert_eq!(ann.get("/api/tasks").await.expect(200)["total"], 2, "the tasks that a deleted rule made stay");
    }

    async fn a_slot_makes_one_task_however_many_schedulers_there_are(app: TestApp) {
        let ann = app.user("ann").await;
        let rule = json!({"title": "Water plants", "recurrence_type": "daily", "start_date": "2026-01-16T08:00:00Z", "subtasks": ["Palm", "Fern"]});
        ann.post("/api/recurring-tasks", rule).await.expect(201);
        let other = app.restarted().await;
        app.clock.set("2026-01-16T08:00:00Z".parse().unwrap());
        let (mut one, mut two) = (Scheduler::new(app.app.clone()), Scheduler::new(other.app.clone()));
        let (one, two) = tokio::join!(one.step(), two.step());
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
        app.advance_hours(1).await;
        let tasks = ann.all("/api/tasks").await;
        assert_eq!(tasks.iter().filter(|task| task["parent_id"].is_null()).count(), 1);
        assert_eq!(tasks.len(), 3);
    }

    async fn the_31st_comes_back_and_a_preview_says_why(app: TestApp) {
        let ann = app.user("ann").await;
        let rule = json!({"recurrence_type": "monthly", "month_day": 31, "start_date": "2026-01-31T09:00:00Z", "limit": 4});
        let preview = ann.post("/api/recurring-tasks/preview", rule.clone()).await.expect(200);
        let dates: Vec<_> = preview["occurrences"].as_array().unwrap().iter().map(|o| o["due_at"].as_str().unwrap()).collect();
        assert_eq!(dates, ["2026-01-31T09:00:00Z", "2026-02-28T09:00:00Z", "2026-03-31T09:00:00Z", "2026-04-30T09:00:00Z"]);
        assert!(preview["occurrences"][1]["note"].is_string());
        assert!(preview["rrule"].as_str().unwrap().contains("MONTHLY"), "{}", preview.text);
        let mut outside = rule;
        outside["limit"] = json!(101);
        ann.post("/api/recurring-tasks/preview", outside).await.expect_fault("limit");
        assert_eq!(ann.get("/api/recurring-tasks").await.expect(200)["total"], 0);
    }

    async fn pausing_makes_nothing_and_resuming_fills_nothing_in(app: TestApp) {
        let ann = app.user("ann").await;
        let rule = json!({"title": "Run", "recurrence_type": "daily", "start_date": "2026-01-16T08:00:00Z"});
        let rule = ann.post("/api/recurring-tasks", rule).await.expect(201);
        let path = format!("/api/recurring-tasks/{}", rule.id());
        app.set_time("2026-01-16T08:00:00Z").await;
        let paused = ann.patch(&format!("{path}/pause"), Value::Null).await.expect(200);
        assert_eq!((&paused["is_active"], &paused["paused"]), (&json!(false), &json!(true)));
        app.advance_hours(24 * 5).await;
        assert_eq!(ann.get("/api/tasks").await.expect(200)["total"], 1);
        let resumed = ann.patch(&format!("{path}/resume"), Value::Null).await.expect(200);
        assert_eq!(resumed["next_due_at"], "2026-01-22T08:00:00Z");
        app.advance_hours(24).await;
        assert_eq!(ann.get("/api/tasks").await.expect(200)["total"], 2);
        // And until a moment.
        ann.patch(&format!("{path}/pause"), json!({"until": "2026-01-25T00:00:00Z"})).await.expect(200);
        app.set_time("2026-01-25T09:00:00Z").await;
        let going = ann.get(&path).await.expect(200);
        assert_eq!(going["is_active"], true);
        assert_eq!(ann.get("/api/tasks").await.expect(200)["total"], 3);
    }

    async fn a_skipped_slot_makes_nothing(app: TestApp) {
        let ann = app.user("ann").await;
        let rule = json!({"title": "Run", "recurrence_type": "daily", "start_date": "2026-01-16T08:00:00Z"});
        let rule = ann.post("/api/recurring-tasks", rule).await.expect(201);
        let path = format!("/api/recurring-tasks/{}", rule.id());
        let skipped = ann.patch(&format!("{path}/skip"), json!({"slot": "2026-01-17T08:00:00Z"})).await.expect(200);
        assert_eq!(skipped["skipped"], json!(["2026-01-17T08:00:00Z"]));
        ann.patch(&format!("{path}/skip"), json!({"slot": "2026-01-17T09:00:00Z"})).await.expect_fault("slot");
        for day in 16..=18 {
            app.set_time(&format!("2026-01-{day}T08:00:00Z")).await;
        }
        let slots: Vec<_> = ann.all("/api/tasks?sort=due").await.iter().map(|task| task["slot"].clone()).collect();
        assert_eq!(slots, ["2026-01-16T08:00:00Z", "2026-01-18T08:00:00Z"]);
    }

    async fn edits_of_all_of_one_and_of_those_to_come(app: TestApp) {
        let ann = app.user("ann").await;
        let rule = json!({"title": "Run", "recurrence_type": "daily", "start_date": "2026-01-16T08:00:00Z"});
        let rule = ann.post("/api/recurring-tasks", rule).await.expect(201);
        let path = format!("/api/recurring-tasks/{}", rule.id());
        ann.put(&path, json!({"title": "Jog"})).await.expect(200);
        let this = format!("{path}?scope=this&slot=2026-01-17T08:00:00Z");
        ann.put(&this, json!({"title": "Swim"})).await.expect(200);
        ann.put(&this, json!({"recurrence_interval": 2})).await.expect_problem(422, "invalid");
        let future = format!("{path}?scope=future&slot=2026-01-19T08:00:00Z");
        let split = ann.put(&future, json!({"title": "Walk", "recurrence_interval": 2})).await.expect(200);
        assert_eq!(split["split_from"], rule["id"]);
        for day in 16..=24 {
            app.set_time(&format!("2026-01-{day}T08:00:00Z")).await;
        }
        let tasks = ann.all("/api/tasks?sort=due").await;
        let made: Vec<_> = tasks.iter().map(|task| (&task["slot"].as_str().unwrap()[8..10], task["title"].as_str().unwrap())).collect();
        assert_eq!(made, [("16", "Jog"), ("17", "Swim"), ("18", "Jog"), ("19", "Walk"), ("21", "Walk"), ("23", "Walk")]);
        let before = ann.get(&path).await.expect(200);
        assert_eq!(before["is_active"], false);
        ann.put(&format!("{path}?scope=some"), json!({"title": "x"})).await.expect_fault("scope");
    }

    async fn counting_from_completion(app: TestApp) {
        let ann = app.user("ann").await;
        let rule = json!({"title": "Cut hair", "recurrence_type": "daily", "recurrence_interval": 10, "basis": "completion", "start_date": "2026-01-16T08:00:00Z"});
        let rule = ann.post("/api/recurring-tasks", rule).await.expect(201);
        assert_eq!(rule["rrule"], Value::Null, "RFC 5545 has no words for it");
        app.set_time("2026-01-16T08:00:00Z").await;
        app.set_time("2026-01-20T12:00:00Z").await;
        let tasks = ann.all("/api/tasks").await;
        assert_eq!(tasks.len(), 1, "nothing comes before it is done");
        ann.patch(&format!("/api/tasks/{}/complete", tasks[0]["id"].as_str().unwrap()), Value::Null).await.expect(200);
        let next = ann.get(&format!("/api/recurring-tasks/{}", rule.id())).await.expect(200);
        assert_eq!(next["next_due_at"].as_str().unwrap()[..10], *"2026-01-30");
        app.set_time("2026-01-31T12:00:00Z").await;
        assert_eq!(ann.all("/api/tasks?status=open").await.len(), 1);
    }

    async fn a_strangers_rule_is_not_there(app: TestApp) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        let rule = json!({"title": "Run", "recurrence_type": "daily", "start_date": "2026-01-16T08:00:00Z"});
        let rule = ann.post("/api/recurring-tasks", rule).await.expect(201);
        let path = format!("/api/recurring-tasks/{}", rule.id());
        bob.get(&path).await.expect_problem(404, "not-found");
        bob.put(&path, json!({"title": "Mine"})).await.expect(404);
        bob.delete(&path).await.expect(404);
        for verb in ["pause", "resume", "skip"] {
            bob.patch(&format!("{path}/{verb}"), Value::Null).await.expect(404);
        }
        bob.get(&format!("{path}/preview")).await.expect(404);
        bob.get(&format!("{path}/history")).await.expect(404);
        assert_eq!(ann.get(&path).await.expect(200).version(), 1);
    }
}
