//! Operations that answer in a way of their own.

use serde_json::json;

use crate::harness::TestApi;

#[tokio::test]
async fn a_post_that_is_sent_again_is_answered_as_before() {
    let api = TestApi::new().await;
    let (token, _) = api.register("ann").await;
    let post = |path: &str, title: &str| {
        api.call("POST", path).token(&token).header("idempotency-key", "k1").json(&json!({"title": title})).send()
    };
    let first = post("/api/tasks", "Milk").await.expect(201);
    let again = post("/api/tasks", "Milk").await.expect(201);
    assert_eq!(first.text, again.text);
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(first.header("etag"), again.header("etag"));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert!(first.headers.get("idempotency-replayed").is_none());
    post("/api/tasks", "Bread").await.expect_problem(422, "idempotency-mismatch");
    let tasks = api.call("GET", "/api/tasks").token(&token).send().await.expect(200).json();
    assert_eq!(tasks["total"], 1);
}

#[tokio::test]
async fn put_and_patch_change_the_named_fields() {
    let api = TestApi::new().await;
    let (token, _) = api.register("ann").await;
    let body = json!({"title": "Milk", "tags": ["home"], "due_date": "2026-01-20"});
    let created = api.call("POST", "/api/tasks").token(&token).json(&body).send().await.expect(201);
    let path = created.header("location");
    let put = api.call("PUT", path).token(&token).json(&json!({"title": "Oat milk"})).send().await.expect(200).json();
    assert_eq!((&put["title"], &put["due_date"]), (&json!("Oat milk"), &json!("2026-01-20")));
    let patch = api.call("PATCH", path).token(&token).json(&json!({"due_date": null})).send().await.expect(200).json();
    assert_eq!((&patch["tags"], &patch["due_date"]), (&json!(["home"]), &json!(null)));
    api.call("DELETE", path).token(&token).send().await.expect(204);
    api.call("GET", path).token(&token).send().await.expect_problem(404, "not-found");
    let history = api.call("GET", &format!("{path}/history")).token(&token).send().await.expect(200).json();
    assert_eq!(history["total"], 4);
    assert_eq!(history["items"][0]["event_data"]["specversion"], "1.0");
}

#[tokio::test]
async fn a_preview_names_what_it_cannot_take() {
    let api = TestApi::new().await;
    let (token, _) = api.register("ann").await;
    let post = |body| api.call("POST", "/api/recurring-tasks/preview").token(&token).json(&body).send();
    let rule = json!({
        "recurrence_type": "monthly", "month_day": 31, "start_date": "2026-01-31T09:00:00Z", "time_zone": "UTC", "limit": 3,
    });
    let preview = post(rule.clone()).await.expect(200).json();
    assert_eq!(preview["occurrences"][1]["due_at"], "2026-02-28T09:00:00Z");
    for (field, value) in
        [("limit", json!(101)), ("limit", json!("x")), ("weekday", json!("monday")), ("from", json!("x"))]
    {
        let mut body = rule.clone();
        body[field] = value;
        let problem = post(body).await.expect_problem(422, "invalid");
        assert_eq!(problem["errors"][0]["field"], field);
    }
}

#[tokio::test]
async fn a_pause_needs_no_body() {
    let api = TestApi::new().await;
    let (token, _) = api.register("ann").await;
    let body = json!({"title": "Plants", "recurrence_type": "daily", "start_date": "2026-01-16T09:00:00Z"});
    let created = api.call("POST", "/api/recurring-tasks").token(&token).json(&body).send().await.expect(201);
    let path = created.header("location").to_owned();
    let patch = |what: &str| api.call("PATCH", &format!("{path}/{what}")).token(&token);
    let paused = patch("pause").send().await.expect(200).json();
    assert_eq!(paused["is_active"], false);
    patch("resume").send().await.expect(200);
    patch("skip").json(&json!({"slot": "x"})).send().await.expect_problem(422, "invalid");
    patch("skip").send().await.expect(200);
    patch("pause").body("text/plain", "{}").send().await.expect_problem(415, "unsupported-media-type");
}

#[tokio::test]
async fn every_list_and_figure_answers() {
    let api = TestApi::new().await;
    let (token, _) = api.register("ann").await;
    api.call("POST", "/api/projects").token(&token).json(&json!({"name": "Home"})).send().await.expect(201);
    api.call("POST", "/api/tags").token(&token).json(&json!({"name": "garden"})).send().await.expect(201);
    let add = json!({"text": "Rake leaves tomorrow at 9 @garden"});
    api.call("POST", "/api/tasks/quick-add").token(&token).json(&add).send().await.expect(201);
    for path in [
        "tasks",
        "recurring-tasks",
        "projects",
        "tags",
        "notifications",
        "deliveries",
        "activity",
        "me/sessions",
        "me/tokens",
    ] {
        let list = api.call("GET", &format!("/api/{path}")).token(&token).send().await.expect(200).json();
        for key in ["items", "total", "page", "page_size", "next_cursor"] {
            assert!(list.get(key).is_some(), "{path} lacks {key}");
        }
    }
    for path in ["stats", "stats?days=7", "changes", "changes?since=1&limit=5", "me", "me/preferences"] {
        api.call("GET", &format!("/api/{path}")).token(&token).send().await.expect(200);
    }
    api.call("PATCH", "/api/notifications/read-all").token(&token).send().await.expect(200);
    api.call("DELETE", "/api/tags/garden").token(&token).send().await.expect(204);
    let preferences = json!({"in_app": {"due_soon": false}});
    let stored =
        api.call("PUT", "/api/me/preferences").token(&token).json(&preferences).send().await.expect(200).json();
    assert_eq!(stored["in_app"]["due"], true);
}
