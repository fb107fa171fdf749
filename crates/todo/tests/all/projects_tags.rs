//! `/api/projects` and `/api/tags`.

use serde_json::{Value, json};
use testkit::{TestApp, both_databases};

both_databases! {
    async fn projects_are_made_changed_and_unlike_each_other(app: TestApp) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        let home = ann.post("/api/projects", json!({"name": "Home", "color": "teal"})).await.expect(201);
        ann.post("/api/projects", json!({"name": "home"})).await.expect_problem(409, "already-exists");
        bob.post("/api/projects", json!({"name": "Home"})).await.expect(201);
        let path = format!("/api/projects/{}", home.id());
        bob.get(&path).await.expect(404);
        bob.patch(&path, json!({"name": "Mine"})).await.expect(404);
        bob.delete(&path).await.expect(404);
        let archived = ann.patch(&path, json!({"archived": true, "name": "House"})).await.expect(200);
        assert!(archived["archived_at"].is_string());
        ann.patch(&path, json!({"name": "Stale"})).if_match(home.version()).await.expect_problem(412, "stale");
        bob.post("/api/tasks", json!({"title": "x", "project_id": home.id()})).await.expect_fault("project_id");
    }

    async fn a_deleted_project_leaves_its_tasks_in_the_inbox(app: TestApp) {
        let ann = app.user("ann").await;
        let home = ann.post("/api/projects", json!({"name": "Home"})).await.expect(201);
        let task = |title: &str| ann.post("/api/tasks", json!({"title": title, "project_id": home.id()}));
        let (kept, trashed) = (task("Kept").await.expect(201), task("Trashed").await.expect(201));
        let rule = json!({"title": "Run", "recurrence_type": "daily", "start_date": "2026-01-16T08:00:00Z", "project_id": home.id()});
        let rule = ann.post("/api/recurring-tasks", rule).await.expect(201);
        ann.delete(&format!("/api/tasks/{}", trashed.id())).await.expect(204);
        assert_eq!(ann.get(&format!("/api/tasks?project_id={}", home.id())).await.expect(200)["total"], 1);
        ann.delete(&format!("/api/projects/{}", home.id())).await.expect(204);
        ann.get(&format!("/api/projects/{}", home.id())).await.expect(404);
        assert_eq!(ann.get(&format!("/api/tasks/{}", kept.id())).await.expect(200)["project_id"], Value::Null);
        let rule = ann.get(&format!("/api/recurring-tasks/{}", rule.id())).await.expect(200);
        assert_eq!(rule["project_id"], Value::Null);
        let restored = ann.patch(&format!("/api/tasks/{}/restore", trashed.id()), Value::Null).await.expect(200);
        assert_eq!(restored["project_id"], Value::Null, "what comes back is in no project that is gone");
        ann.post("/api/projects", json!({"name": "Home"})).await.expect(201);
    }

    async fn tags_come_with_tasks_and_go_off_them(app: TestApp) {
        let ann = app.user("ann").await;
        ann.post("/api/tags", json!({"name": "Errand"})).await.expect(201);
        ann.post("/api/tags", json!({"name": "errand"})).await.expect(201);
        let task = ann.post("/api/tasks", json!({"title": "Buy milk", "tags": ["errand", "shop"]})).await.expect(201);
        let tags = ann.get("/api/tags").await.expect(200);
        let names: Vec<_> = tags["items"].as_array().unwrap().iter().map(|tag| (&tag["name"], &tag["open_tasks"])).collect();
        assert_eq!(names, [(&json!("errand"), &json!(1)), (&json!("shop"), &json!(1))]);
        ann.delete("/api/tags/errand").await.expect(204);
        ann.delete("/api/tags/errand").await.expect(404);
        assert_eq!(ann.get(&format!("/api/tasks/{}", task.id())).await.expect(200)["tags"], json!(["shop"]));
    }
}
