//! `/api/notifications`, `/api/deliveries` and the reminders that lead to them.

use serde_json::{Value, json};
use testkit::{TestApp, both_databases};

both_databases! {
    async fn due_in_five_seconds_is_told_at_its_moment_and_once(app: TestApp) {
        let ann = app.user("ann").await;
        let task = ann.task("Tea", Some("2026-01-15T09:00:05Z")).await;
        app.drain().await;
        assert_eq!(ann.told().await, [("due_soon".into(), "Tea".into())], "at once, inside the window");
        app.set_time("2026-01-15T09:00:04.999999Z").await;
        assert_eq!(ann.told().await.len(), 1, "never early");
        app.set_time("2026-01-15T09:00:05Z").await;
        assert_eq!(ann.told().await[1], ("due".into(), "Tea".into()));
        assert_eq!(ann.get(&format!("/api/tasks/{}", task.id())).await.expect(200)["notified"], true);
        app.advance_hours(24).await;
        assert_eq!(ann.told().await.len(), 2);
        let ledger = ann.get(&format!("/api/tasks/{}/deliveries", task.id())).await.expect(200);
        for row in ledger["items"].as_array().unwrap() {
            assert_eq!((&row["status"], &row["channel"], &row["late"]), (&json!("sent"), &json!("in_app"), &json!(false)));
        }
        assert_eq!(ledger["total"], 2);
    }

    async fn a_task_that_is_overdue_when_it_is_made_reminds_of_nothing(app: TestApp) {
        let ann = app.user("ann").await;
        ann.task("Long ago", Some("2026-01-15T08:59:59Z")).await;
        app.advance_hours(48).await;
        assert!(ann.told().await.is_empty());
    }

    async fn an_own_list_replaces_the_default(app: TestApp) {
        let ann = app.user("ann").await;
        let reminders = json!([{"minutes_before": 30}, {"at": "2026-01-16T07:00:00Z"}]);
        let task = ann.post("/api/tasks", json!({"title": "Train", "due_date": "2026-01-16T12:00:00Z", "reminders": reminders}));
        let task = task.await.expect(201);
        let path = format!("/api/tasks/{}/reminders", task.id());
        let shown = ann.get(&path).await.expect(200);
        assert_eq!((&shown["is_default"], &shown["reminders"]), (&json!(false), &reminders));
        let upcoming: Vec<_> = shown["upcoming"].as_array().unwrap().iter().map(|r| r["at"].as_str().unwrap()).collect();
        assert_eq!(upcoming, ["2026-01-16T07:00:00Z", "2026-01-16T11:30:00Z"]);
        app.set_time("2026-01-16T12:00:00Z").await;
        assert_eq!(ann.told().await, [("reminder".into(), "Train".into()), ("reminder".into(), "Train".into())]);
        // None at all.
        let quiet = ann.task("Quiet", Some("2026-01-20T12:00:00Z")).await;
        ann.put(&format!("/api/tasks/{}/reminders", quiet.id()), json!({"reminders": []})).await.expect(200);
        app.set_time("2026-01-21T12:00:00Z").await;
        assert_eq!(ann.told().await.len(), 2);
    }

    async fn a_window_that_opened_is_told_though_the_list_changes_before_it_fires(app: TestApp) {
        let ann = app.user("ann").await;
        let task = ann.task("Tea", Some("2026-01-15T10:00:00Z")).await;
        let list = json!({"reminders": [{"minutes_before": 1440}, {"minutes_before": 0}, {"minutes_before": 5}]});
        ann.put(&format!("/api/tasks/{}/reminders", task.id()), list).await.expect(200);
        app.advance_hours(2).await;
        let kinds: Vec<_> = ann.told().await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds.iter().filter(|kind| *kind == "due").count(), 1, "{kinds:?}");
        assert_eq!(kinds.len(), 3, "{kinds:?}");
    }

    async fn moving_the_due_date_moves_the_reminders(app: TestApp) {
        let ann = app.user("ann").await;
        let task = ann.task("Dentist", Some("2026-01-20T12:00:00Z")).await;
        let path = format!("/api/tasks/{}", task.id());
        ann.patch(&path, json!({"due_date": "2026-01-25T12:00:00Z"})).await.expect(200);
        app.set_time("2026-01-22T12:00:00Z").await;
        assert!(ann.told().await.is_empty());
        app.set_time("2026-01-25T12:00:00Z").await;
        assert_eq!(ann.told().await, [("due_soon".into(), "Dentist".into()), ("due".into(), "Dentist".into())]);
        let ledger = ann.all(&format!("{path}/deliveries")).await;
        let cancelled = ledger.iter().filter(|row| row["status"] == "cancelled").count();
        assert_eq!(cancelled, 2, "{ledger:?}");
        // Moved again after it was told: it will be told again.
        ann.patch(&path, json!({"due_date": "2026-01-28T12:00:00Z"})).await.expect(200);
        assert_eq!(ann.get(&path).await.expect(200)["notified"], false);
        app.set_time("2026-01-28T12:00:00Z").await;
        assert_eq!(ann.told().await.len(), 4);
    }

    async fn a_due_soon_reminder_that_all_slept_through_gives_way_to_the_due_one(app: TestApp) {
        let ann = app.user("ann").await;
        ann.task("Dentist", Some("2026-01-20T12:00:00Z")).await;
        app.clock.set("2026-01-20T12:00:00Z".parse().unwrap());
        app.drain().await;
        assert_eq!(ann.told().await, [("due".into(), "Dentist".into())]);
    }

    async fn a_snooze_moves_the_reminder_and_never_the_due_date(app: TestApp) {
        let ann = app.user("ann").await;
        let task = ann.task("Laundry", Some("2026-01-15T10:00:00Z")).await;
        app.set_time("2026-01-15T10:00:00Z").await;
        let told = ann.get("/api/notifications").await.expect(200);
        assert_eq!((&told["total"], &told["unread"]), (&json!(2), &json!(2)));
        let due = told["items"].as_array().unwrap().iter().find(|item| item["kind"] == "due").unwrap().clone();
        let path = format!("/api/notifications/{}/snooze", due["id"].as_str().unwrap());
        ann.patch(&path, json!({"until": "2026-01-15T09:00:00Z"})).await.expect_fault("until");
        let snoozed = ann.patch(&path, json!({"until": "2026-01-15T11:00:00Z"})).await.expect(200);
        assert_eq!(snoozed["snoozed_until"], "2026-01-15T11:00:00Z");
        assert_eq!(ann.get(&format!("/api/tasks/{}", task.id())).await.expect(200)["due_date"], "2026-01-15T10:00:00Z");
        app.set_time("2026-01-15T10:59:59Z").await;
        assert_eq!(ann.told().await.len(), 2);
        app.set_time("2026-01-15T11:00:00Z").await;
        assert_eq!(ann.told().await[2], ("reminder".into(), "Laundry".into()));
    }

    async fn reading_one_and_reading_all(app: TestApp) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        for title in ["One", "Two"] {
            ann.task(title, Some("2026-01-15T09:00:05Z")).await;
        }
        app.set_time("2026-01-15T09:00:05Z").await;
        let list = ann.get("/api/notifications").await.expect(200);
        assert_eq!(list["unread"], 4);
        let path = format!("/api/notifications/{}/read", list["items"][0]["id"].as_str().unwrap());
        bob.patch(&path, Value::Null).await.expect_problem(404, "not-found");
        let read = ann.patch(&path, Value::Null).await.expect(200);
        assert_eq!(read["read_at"], "2026-01-15T09:00:05Z");
        app.advance_hours(1).await;
        assert_eq!(ann.patch(&path, Value::Null).await.expect(200)["read_at"], read["read_at"]);
        assert_eq!(ann.get("/api/notifications?unread=true").await.expect(200)["total"], 3);
        assert_eq!(ann.patch("/api/notifications/read-all", Value::Null).await.expect(200)["read"], 3);
        assert_eq!(ann.get("/api/notifications").await.expect(200)["unread"], 0);
        assert_eq!(bob.get("/api/notifications").await.expect(200)["total"], 0);
    }

    async fn the_ledger_is_filtered(app: TestApp) {
        let ann = app.user("ann").await;
        let task = ann.task("One", Some("2026-01-15T09:00:05Z")).await;
        let other = ann.task("Two", Some("2026-01-20T09:00:05Z")).await;
        ann.delete(&format!("/api/tasks/{}", other.id())).await.expect(204);
        app.set_time("2026-01-15T09:00:05Z").await;
        for (query, total) in [
            ("", 4),
            ("status=sent", 2),
            ("status=cancelled", 2),
            ("channel=in_app", 4),
            (&*format!("task_id={}", task.id()), 2),
        ] {
            assert_eq!(ann.get(&format!("/api/deliveries?{query}")).await.expect(200)["total"], total, "{query}");
        }
        ann.get("/api/deliveries?status=lost").await.expect_fault("status");
    }
}
