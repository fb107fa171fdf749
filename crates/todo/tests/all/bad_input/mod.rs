//! What cannot be meant: each a clear problem that names the field, never a 5xx, and nothing is changed by it.

mod fields;
mod queries;
mod tokens;

use serde_json::{Value, json};
use testkit::{Call, TestApp, User, on_sqlite};

/// Things of one person, to aim at.
struct Aims {
    ann: User,
    task: String,
    rule: String,
    project: String,
    notification: String,
}

impl Aims {
    async fn new(app: &TestApp) -> Self {
        let ann = app.user("ann").await;
        let task = ann.task("Pay rent", Some("2026-01-15T12:00:00Z")).await.id().to_owned();
        let rule = json!({"title": "Run", "recurrence_type": "daily", "start_date": "2026-01-16T08:00:00Z"});
        let rule = ann.post("/api/recurring-tasks", rule).await.expect(201).id().to_owned();
        let project = ann.post("/api/projects", json!({"name": "Home"})).await.expect(201).id().to_owned();
        app.drain().await;
        let told = ann.get("/api/notifications").await.expect(200);
        let notification = told["items"][0]["id"].as_str().unwrap().to_owned();
        Self { ann, task, rule, project, notification }
    }

    /// `{task}` and its like stand for what there is.
    fn path(&self, path: &str) -> String {
        path.replace("{task}", &self.task)
            .replace("{rule}", &self.rule)
            .replace("{project}", &self.project)
            .replace("{notification}", &self.notification)
    }

    fn call(&self, method: &str, path: &str) -> Call {
        self.ann.call(method, &self.path(path))
    }

    /// Everything that could have changed.
    async fn everything(&self) -> Value {
        let mut all = Vec::new();
        for path in
            ["/api/changes?since=0", "/api/me", "/api/me/preferences", "/api/me/tokens", "/api/tags", "/api/activity"]
        {
            all.push(self.ann.get(path).await.expect(200).body);
        }
        json!(all)
    }
}

/// Every operation that takes a body, with a body that is fine but for what a case puts into it.
fn bodies() -> Vec<(&'static str, &'static str, Value)> {
    let rule = json!({"title": "Run", "recurrence_type": "daily", "start_date": "2026-02-01T08:00:00Z"});
    vec![
        (
            "POST",
            "/api/auth/register",
            json!({"email": "new@example.org", "password": testkit::PASSWORD, "name": "New"}),
        ),
        ("POST", "/api/auth/login", json!({"email": "ann@example.org", "password": "wrong password"})),
        (
            "POST",
            "/api/auth/change-password",
            json!({"current_password": "wrong password", "new_password": "another password"}),
        ),
        ("POST", "/api/auth/reset-password", json!({"token": "x", "new_password": "another password"})),
        ("POST", "/api/auth/delete-account", json!({"password": "wrong password"})),
        ("PATCH", "/api/me", json!({})),
        ("PUT", "/api/me/preferences", json!({})),
        ("POST", "/api/me/tokens", json!({"name": "script"})),
        ("POST", "/api/tasks", json!({"title": "x"})),
        ("PUT", "/api/tasks/{task}", json!({})),
        ("PATCH", "/api/tasks/{task}", json!({})),
        ("PATCH", "/api/tasks/{task}/snooze", json!({"until": "2026-01-16T09:00:00Z"})),
        ("PUT", "/api/tasks/{task}/reminders", json!({"reminders": null})),
        ("POST", "/api/tasks/quick-add", json!({"text": "x"})),
        ("POST", "/api/tasks/quick-add/preview", json!({"text": "x"})),
        ("POST", "/api/tasks/bulk", json!({"action": "complete", "ids": []})),
        ("POST", "/api/recurring-tasks", rule.clone()),
        (
            "POST",
            "/api/recurring-tasks/preview",
            json!({"recurrence_type": "daily", "start_date": "2026-02-01T08:00:00Z"}),
        ),
        ("PUT", "/api/recurring-tasks/{rule}", json!({})),
        ("PATCH", "/api/recurring-tasks/{rule}", json!({})),
        ("PATCH", "/api/recurring-tasks/{rule}/pause", json!({})),
        ("PATCH", "/api/recurring-tasks/{rule}/skip", json!({})),
        ("POST", "/api/projects", json!({"name": "x"})),
        ("PATCH", "/api/projects/{project}", json!({})),
        ("POST", "/api/tags", json!({"name": "x"})),
        ("PATCH", "/api/notifications/{notification}/snooze", json!({"until": "2026-01-16T09:00:00Z"})),
    ]
}

#[tokio::test]
async fn every_body_is_checked_as_a_whole() {
    on_sqlite(|app: TestApp| async move {
        let aims = Aims::new(&app).await;
        let before = aims.everything().await;
        for (method, path, body) in bodies() {
            let call = || aims.call(method, path);
            // Unknown fields are named.
            let mut unknown = body.clone();
            unknown["colour_of_money"] = json!(1);
            call().json(&unknown).await.expect_fault("colour_of_money");
            // No JSON, or none of the right kind.
            let text = body.to_string();
            call().body("application/json", &text[..text.len() - 1]).await.expect_problem(400, "malformed");
            call().body("application/json", format!("{body} trailing")).await.expect_problem(400, "malformed");
            call().body("application/json", vec![0xff, 0xfe, 0x00]).await.expect_problem(400, "malformed");
            for value in ["[]", "7", "\"text\"", "true"] {
                call().body("application/json", value).await.expect_problem(422, "invalid");
            }
            let nested = "[".repeat(20_000);
            let answer = call().body("application/json", nested).await;
            assert!([400, 422].contains(&answer.status), "{}", answer.text);
            call().body("text/plain", body.to_string()).await.expect_problem(415, "unsupported-media-type");
            // What is required is missed.
            if !body.as_object().unwrap().is_empty() && path != "/api/tasks/{task}/reminders" {
                call().json(&json!({})).await.expect_problem(422, "invalid");
            }
        }
        assert_eq!(aims.everything().await, before, "what was refused changed something");
    })
    .await;
}

#[tokio::test]
async fn bodies_of_ten_megabytes_are_refused() {
    on_sqlite(|app: TestApp| async move {
        let aims = Aims::new(&app).await;
        let before = aims.everything().await;
        let ten_megabytes = format!("{{\"title\": \"{}\"}}", "x".repeat(10 * 1024 * 1024));
        for (method, path, _) in bodies() {
            aims.call(method, path)
                .body("application/json", ten_megabytes.clone())
                .await
                .expect_problem(413, "too-large");
        }
        // Without a length that tells so beforehand as well: one byte over the limit.
        let just_over = format!("{{\"title\": \"x\", \"description\": \"{}\"}}", "x".repeat(256 * 1024));
        aims.call("POST", "/api/tasks").body("application/json", just_over).await.expect_problem(413, "too-large");
        assert_eq!(aims.everything().await, before);
    })
    .await;
}
