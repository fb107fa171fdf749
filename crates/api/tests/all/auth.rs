//! Who may do what.

use serde_json::json;

use crate::harness::TestApi;

async fn api_token(api: &TestApi, session: &str, scopes: &[&str]) -> String {
    let body = json!({"name": "script", "scopes": scopes});
    let answer = api.call("POST", "/api/me/tokens").token(session).json(&body).send().await.expect(201).json();
    answer["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn scopes_are_kept() {
    let api = TestApi::new().await;
    let (session, _) = api.register("ann").await;
    let reading = api_token(&api, &session, &["read"]).await;
    let writing = api_token(&api, &session, &["write"]).await;
    let task = json!({"title": "Milk"});

    api.call("GET", "/api/tasks").token(&reading).send().await.expect(200);
    api.call("POST", "/api/tasks").token(&reading).json(&task).send().await.expect_problem(403, "insufficient-scope");
    api.call("POST", "/api/tasks").token(&writing).json(&task).send().await.expect(201);
    api.call("GET", "/api/tasks").token(&writing).send().await.expect_problem(403, "insufficient-scope");
    api.call("POST", "/api/tasks/quick-add/preview")
        .token(&reading)
        .json(&json!({"text": "Milk"}))
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn an_api_token_cannot_take_over_the_account() {
    let api = TestApi::new().await;
    let (session, _) = api.register("ann").await;
    let token = api_token(&api, &session, &["read", "write"]).await;
    let bodies = [
        ("/api/me/tokens", json!({"name": "more"})),
        ("/api/auth/change-password", json!({"current_password": "correct horse", "new_password": "battery staple"})),
        ("/api/auth/delete-account", json!({"password": "correct horse"})),
    ];
    for (path, body) in bodies {
        api.call("POST", path).token(&token).json(&body).send().await.expect_problem(403, "session-required");
    }
}

#[tokio::test]
async fn a_cookie_changes_things_only_from_our_own_page() {
    let api = TestApi::new().await;
    let (session, _) = api.register("ann").await;
    let cookie = format!("todo_session={session}");
    api.call("GET", "/api/tasks").header("cookie", &cookie).send().await.expect(200);
    let post = || api.call("POST", "/api/tasks").header("cookie", &cookie).json(&json!({"title": "Milk"}));
    post().send().await.expect_problem(403, "cross-site");
    post().header("sec-fetch-site", "cross-site").send().await.expect_problem(403, "cross-site");
    post().header("sec-fetch-site", "same-origin").send().await.expect(201);
    post().header("origin", "http://todo.local").header("host", "todo.local").send().await.expect(201);
}

#[tokio::test]
async fn signing_in_and_out() {
    let api = TestApi::new().await;
    api.register("ann").await;
    let again = json!({"email": "Ann@Example.com", "password": "correct horse", "name": "Ann"});
    api.call("POST", "/api/auth/register").json(&again).send().await.expect_problem(409, "already-exists");
    let login = json!({"email": "ann@example.com", "password": "correct horse"});
    let answer = api.call("POST", "/api/auth/login").json(&login).header("user-agent", "test").send().await.expect(200);
    assert_eq!(answer.json()["token_type"], "bearer");
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();

    let sessions = api.call("GET", "/api/me/sessions").token(&token).send().await.expect(200).json();
    assert_eq!(sessions["total"], 2);
    let current = sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
    assert_eq!((&current["user_agent"], &current["address"]), (&json!("test"), &json!("203.0.113.9")));

    api.call("POST", "/api/auth/logout").token(&token).send().await.expect(204);
    api.call("GET", "/api/me").token(&token).send().await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_strangers_things_are_not_there() {
    let api = TestApi::new().await;
    let (ann, _) = api.register("ann").await;
    let (bob, _) = api.register("bob").await;
    let created = api.call("POST", "/api/tasks").token(&ann).json(&json!({"title": "Milk"})).send().await.expect(201);
    let path = created.header("location");
    api.call("GET", path).token(&bob).send().await.expect_problem(404, "not-found");
    api.call("DELETE", path).token(&bob).send().await.expect_problem(404, "not-found");
}
