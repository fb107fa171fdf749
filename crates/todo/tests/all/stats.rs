//! `/api/stats`.

use serde_json::{Value, json};
use testkit::{TestApp, both_databases};

both_databases! {
    async fn figures_follow_the_tasks(app: TestApp) {
        let ann = app.user("ann").await;
        let complete = async |id: &str| ann.patch(&format!("/api/tasks/{id}/complete"), Value::Null).await.expect(200);
        let on_time = ann.task("On time", Some("2026-01-15T12:00:00Z")).await;
        let late = ann.task("Late", Some("2026-01-15T12:00:00Z")).await;
        ann.task("Soon", Some("2026-01-16T12:30:00Z")).await;
        ann.task("Overdue", Some("2026-01-15T12:00:00Z")).await;
        ann.task("Someday", None).await;
        let gone = ann.task("Gone", None).await;
        ann.delete(&format!("/api/tasks/{}", gone.id())).await.expect(204);
        complete(on_time.id()).await;
        app.set_time("2026-01-16T12:00:00Z").await;
        complete(late.id()).await;
        app.drain().await;
        let stats = ann.get("/api/stats?days=2").await.expect(200);
        let figures = ["created", "completed", "completed_on_time", "open", "due_soon", "overdue", "streak_days"];
        let figures: Vec<_> = figures.iter().map(|name| stats[name].as_i64().unwrap()).collect();
        assert_eq!(figures, [5, 2, 1, 3, 1, 1, 2], "{}", stats.text);
        assert_eq!(
            stats["days"],
            json!([
                {"date": "2026-01-15", "created": 5, "completed": 1},
                {"date": "2026-01-16", "created": 0, "completed": 1},
            ])
        );
        ann.get("/api/stats?days=367").await.expect_fault("days");
        ann.get("/api/stats?days=0").await.expect_fault("days");
        // Days are the person's own.
        ann.patch("/api/me", json!({"time_zone": "Pacific/Auckland"})).await.expect(200);
        assert_eq!(ann.get("/api/stats?days=1").await.expect(200)["days"][0]["date"], "2026-01-17");
    }
}
