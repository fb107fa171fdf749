//! `/api/changes`: a copy kept by it equals the lists, however it is cut.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testkit::{TestApp, User, both_databases};

/// Without what only the time moves.
fn insert(rows: &mut BTreeMap<String, Value>, mut row: Value) {
    row.as_object_mut().unwrap().remove("due_state");
    rows.insert(row["id"].as_str().unwrap().to_owned(), row);
}

/// A client's offline copy.
#[derive(Default)]
struct Copy {
    rows: BTreeMap<String, Value>,
    cursor: i64,
}

impl Copy {
    async fn catch_up(&mut self, user: &User, limit: u32) {
        loop {
            let page = user.get(&format!("/api/changes?since={}&limit={limit}", self.cursor)).await.expect(200);
            for field in ["tasks", "recurring_tasks", "projects", "notifications"] {
                for row in page[field].as_array().unwrap() {
                    insert(&mut self.rows, row.clone());
                }
            }
            for gone in page["deleted"].as_array().unwrap() {
                self.rows.remove(gone["id"].as_str().unwrap());
            }
            self.cursor = page["cursor"].as_i64().unwrap();
            if page["more"] == false {
                return;
            }
        }
    }
}

async fn lists(user: &User) -> BTreeMap<String, Value> {
    let mut rows = BTreeMap::new();
    for path in ["/api/tasks", "/api/tasks?status=trash", "/api/recurring-tasks", "/api/projects", "/api/notifications"]
    {
        for row in user.all(path).await {
            insert(&mut rows, row);
        }
    }
    rows
}

both_databases! {
    async fn a_copy_kept_by_it_equals_the_lists(app: TestApp) {
        let (ann, bob) = (app.user("ann").await.lasting().await, app.user("bob").await.lasting().await);
        let (mut often, mut seldom) = (Copy::default(), Copy::default());
        let home = ann.post("/api/projects", json!({"name": "Home"})).await.expect(201);
        for number in 0..30 {
            let body = json!({"title": format!("Task {number}"), "due_date": "2026-01-15T12:00:00Z", "project_id": home.id()});
            let task = ann.post("/api/tasks", body).await.expect(201);
            let path = format!("/api/tasks/{}", task.id());
            match number % 4 {
                0 => drop(ann.delete(&path).await.expect(204)),
                1 => drop(ann.patch(&format!("{path}/complete"), Value::Null).await.expect(200)),
                2 => drop(ann.patch(&path, json!({"priority": 1})).await.expect(200)),
                _ => {}
            }
            if number % 7 == 0 {
                app.drain().await;
            }
            often.catch_up(&ann, 3).await;
        }
        // Due with all the tasks: one commit changes more rows, of more kinds, than fit into a page.
        let rule = json!({"title": "Run", "recurrence_type": "daily", "start_date": "2026-01-15T12:00:00Z"});
        let rule = ann.post("/api/recurring-tasks", rule).await.expect(201);
        app.set_time("2026-01-16T11:00:00Z").await;
        ann.patch("/api/notifications/read-all", Value::Null).await.expect(200);
        often.catch_up(&ann, 3).await;
        assert_eq!(often.rows, lists(&ann).await);
        ann.delete(&format!("/api/projects/{}", home.id())).await.expect(204);
        ann.delete(&format!("/api/recurring-tasks/{}", rule.id())).await.expect(204);
        // Out of the trash for good, after its thirty days.
        app.advance_hours(24 * 31).await;
        let mut retention = worker::retention::Retention::new(app.app.clone());
        while worker::run_loop::Work::step(&mut retention).await.unwrap() == worker::run_loop::Next::Now {}
        often.catch_up(&ann, 3).await;
        seldom.catch_up(&ann, 1000).await;
        let lists = lists(&ann).await;
        assert!(lists.len() > 50, "{}", lists.len());
        assert_eq!(often.rows, lists);
        assert_eq!(seldom.rows, lists);
        let nothing = ann.get(&format!("/api/changes?since={}", often.cursor)).await.expect(200);
        assert_eq!((&nothing["tasks"], &nothing["cursor"]), (&json!([]), &json!(often.cursor)));
        assert_eq!(bob.get("/api/changes?since=0").await.expect(200)["tasks"], json!([]));
        ann.get("/api/changes?since=-1").await.expect_fault("since");
        ann.get("/api/changes?limit=1001").await.expect_fault("limit");
    }
}
