//! What all operations share: errors, headers, limits, preconditions.

use api::{ApiOptions, Limits, Rate};
use serde_json::json;

use crate::harness::TestApi;

#[tokio::test]
async fn errors_are_problems_with_the_request_id() {
    let api = TestApi::new().await;
    let (token, _) = api.register("ann").await;
    api.call("GET", "/api/tasks").send().await.expect_problem(401, "unauthenticated");
    api.call("GET", "/api/nowhere").token(&token).send().await.expect_problem(404, "not-found");
    api.call("GET", "/api/tasks/x/nowhere").token(&token).send().await.expect_problem(404, "not-found");
    api.call("GET", "/api/tasks/not-an-id").token(&token).send().await.expect_problem(404, "not-found");
    let unknown = "/api/tasks/018f0000-0000-7000-8000-000000000000";
    api.call("GET", unknown).token(&token).send().await.expect_problem(404, "not-found");

    let answer = api.call("POST", "/api/stats").token(&token).send().await;
    assert_eq!(answer.header("allow"), "GET,HEAD");
    answer.expect_problem(405, "method-not-allowed");

    let post = || api.call("POST", "/api/tasks").token(&token);
    post().body("application/json", "{").send().await.expect_problem(400, "malformed");
    post().body("text/plain", "{}").send().await.expect_problem(415, "unsupported-media-type");
    let long = json!({"title": "a", "description": "x".repeat(300 * 1024)});
    post().json(&long).send().await.expect_problem(413, "too-large");
    let problem = post().json(&json!({"title": "a", "colour": "red"})).send().await.expect_problem(422, "invalid");
    assert_eq!(problem["errors"], json!([{"field": "colour", "message": "is not a known field"}]));
    let problem = post().json(&json!({"title": " ", "priority": 9})).send().await.expect_problem(422, "invalid");
    let fields: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, ["title", "priority"]);

    let problem = api.call("GET", "/api/tasks?page=x").token(&token).send().await.expect_problem(422, "invalid");
    assert_eq!(problem["errors"][0]["field"], "page");
    let problem = api.call("GET", "/api/tasks?statsu=open").token(&token).send().await.expect_problem(422, "invalid");
    assert_eq!(problem["errors"][0]["field"], "statsu");
}

#[tokio::test]
async fn a_missing_token_and_a_wrong_one_are_told_apart() {
    let api = TestApi::new().await;
    let answer = api.call("GET", "/api/me").send().await.expect(401);
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="todo""#);
    let answer = api.call("GET", "/api/me").token("todo_s_nonsense").send().await.expect(401);
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="todo", error="invalid_token""#);
}

#[tokio::test]
async fn request_ids_are_kept_if_they_are_fit() {
    let api = TestApi::new().await;
    let answer = api.call("GET", "/api/openapi.json").header("x-request-id", "from-the-proxy").send().await.expect(200);
    assert_eq!(answer.header("x-request-id"), "from-the-proxy");
    let answer = api.call("GET", "/api/openapi.json").header("x-request-id", "two words").send().await.expect(200);
    assert_eq!(answer.header("x-request-id").len(), 36);
}

#[tokio::test]
async fn answers_keep_browsers_careful() {
    let api = TestApi::with(ApiOptions { https: true, ..ApiOptions::default() }).await;
    let answer = api.call("GET", "/api/nowhere").send().await;
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn the_docs_page_loads_nothing_from_elsewhere() {
    let api = TestApi::new().await;
    let answer = api.call("GET", "/docs/").send().await.expect(200);
    assert!(answer.header("content-security-policy").contains("script-src 'self';"));
    for tag in answer.text.split('<').filter(|tag| tag.starts_with("script") || tag.starts_with("link")) {
        assert!(!tag.contains("//"), "{tag}");
    }
    let answer = api.call("GET", "/docs/swagger-initializer.js").send().await.expect(200);
    assert!(answer.text.contains("/api/openapi.json"));
    assert_eq!(api.call("GET", "/docs").send().await.status, 303);
}

#[tokio::test]
async fn the_budget_of_an_account_is_told_and_kept() {
    let limits = Limits { account: Rate::new(1, 2), auth: Rate::new(1, 3) };
    let api = TestApi::with(ApiOptions { rate_limits: Some(limits), ..ApiOptions::default() }).await;
    let (ann, _) = api.register("ann").await;
    let (bob, _) = api.register("bob").await;

    let answer = api.call("GET", "/api/me").token(&ann).send().await.expect(200);
    assert_eq!(answer.header("ratelimit-limit"), "2");
    assert_eq!(answer.header("ratelimit-remaining"), "1");
    assert_eq!(answer.header("ratelimit-reset"), "60");
    api.call("GET", "/api/me").token(&ann).send().await.expect(200);
    let answer = api.call("GET", "/api/me").token(&ann).send().await;
    assert_eq!(answer.header("ratelimit-remaining"), "0");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait));
    answer.expect_problem(429, "rate-limited");
    api.call("GET", "/api/me").token(&bob).send().await.expect(200);

    let wrong = json!({"email": "ann@example.com", "password": "wrong horse"});
    api.call("POST", "/api/auth/login").json(&wrong).send().await.expect_problem(401, "wrong-credentials");
    api.call("POST", "/api/auth/login").json(&wrong).send().await.expect_problem(429, "rate-limited");
}

#[tokio::test]
async fn versions_guard_changes_and_save_reads() {
    let api = TestApi::new().await;
    let (token, _) = api.register("ann").await;
    let created = api.call("POST", "/api/tasks").token(&token).json(&json!({"title": "Milk"})).send().await.expect(201);
    assert_eq!(created.header("etag"), "\"1\"");
    let path = created.header("location").to_owned();
    assert_eq!(path, format!("/api/tasks/{}", created.json()["id"].as_str().unwrap()));

    let unchanged = api.call("GET", &path).token(&token).header("if-none-match", "\"1\"").send().await.expect(304);
    assert!(unchanged.text.is_empty());
    assert_eq!(unchanged.header("cache-control"), "private, no-cache");

    let patch = |tag: &str, title: &str| {
        api.call("PATCH", &path).token(&token).header("if-match", tag).json(&json!({"title": title})).send()
    };
    let changed = patch("\"1\"", "Oat milk").await.expect(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    patch("\"1\"", "Soy milk").await.expect_problem(412, "stale");
    patch("\"abc\"", "Soy milk").await.expect_problem(412, "stale");
    patch("2", "Soy milk").await.expect_problem(400, "malformed");
    patch("*", "Soy milk").await.expect(200);
    api.call("GET", &path).token(&token).header("if-none-match", "\"1\"").send().await.expect(200);
}

#[tokio::test]
async fn a_task_whose_state_moved_with_the_time_is_answered_in_full() {
    let api = TestApi::new().await;
    let (token, _) = api.register("ann").await;
    let body = json!({"title": "Milk", "due_date": "2026-01-20T09:00:00Z"});
    let created = api.call("POST", "/api/tasks").token(&token).json(&body).send().await.expect(201);
    let path = created.header("location").to_owned();
    let again = || api.call("GET", &path).token(&token).header("if-none-match", "\"1\"").send();
    again().await.expect(304);
    api.set_time("2026-01-20T09:00:01Z");
    assert_eq!(again().await.expect(200).json()["due_state"], "overdue");
}
