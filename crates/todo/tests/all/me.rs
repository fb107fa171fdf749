//! `/api/me`: the account and its preferences.

use serde_json::json;
use testkit::{TestApp, both_databases};

both_databases! {
    async fn the_account_is_changed_and_guarded_by_its_version(app: TestApp) {
        let ann = app.user("ann").await;
        let me = ann.get("/api/me").await.expect(200);
        assert_eq!(me["time_zone"], "UTC");
        let changed = ann.patch("/api/me", json!({"time_zone": "Europe/Berlin", "name": "Ann B."})).if_match(me.version());
        let changed = changed.await.expect(200);
        assert_eq!(changed["name"], "Ann B.");
        assert_eq!(changed.header("etag"), format!("\"{}\"", changed.version()));
        ann.patch("/api/me", json!({"name": "Stale"})).if_match(me.version()).await.expect_problem(412, "stale");
        let etag = changed.header("etag");
        assert_eq!(ann.get("/api/me").header("if-none-match", etag).await.status, 304);
    }

    async fn whole_days_remind_at_the_time_of_day_that_the_person_chose(app: TestApp) {
        let ann = app.user("ann").await;
        let task = ann.post("/api/tasks", json!({"title": "Pay rent", "due_date": "2026-01-20"})).await.expect(201);
        ann.patch("/api/me", json!({"all_day_time": "07:30"})).await.expect(200);
        app.set_time("2026-01-20T07:29:59Z").await;
        assert!(!ann.told().await.iter().any(|(kind, _)| kind == "due"));
        app.set_time("2026-01-20T07:30:00Z").await;
        assert!(ann.told().await.contains(&("due".into(), "Pay rent".into())));
        // Every version of the task is told of in its history.
        let task = ann.get(&format!("/api/tasks/{}", task.id())).await.expect(200);
        let history = ann.get(&format!("/api/tasks/{}/history", task.id())).await.expect(200);
        assert_eq!(history["total"], task.version(), "{}", history.text);
    }

    async fn a_kind_that_is_switched_off_is_not_told(app: TestApp) {
        let ann = app.user("ann").await;
        let preferences = ann.get("/api/me/preferences").await.expect(200);
        assert_eq!(preferences["in_app"], json!({"due_soon": true, "due": true, "reminder": true, "recurring": true}));
        ann.put("/api/me/preferences", json!({"in_app": {"due_soon": false}})).await.expect(200);
        ann.task("Pay rent", Some("2026-01-15T12:00:00Z")).await;
        app.advance_hours(24).await;
        assert_eq!(ann.told().await, [("due".into(), "Pay rent".into())]);
    }
}
