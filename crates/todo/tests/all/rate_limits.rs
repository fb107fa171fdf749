//! How many requests an account or an address may make.

use serde_json::json;
use testkit::{ApiOptions, Limits, Rate, TestApp, User, on_sqlite_with};

fn limited() -> ApiOptions {
    let limits = Limits { account: Rate::new(1, 5), auth: Rate::new(1, 3) };
    ApiOptions { rate_limits: Some(limits), ..ApiOptions::default() }
}

#[tokio::test]
async fn each_account_has_its_own_allowance() {
    on_sqlite_with(limited(), |app: TestApp| async move {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        let mut remaining = Vec::new();
        for _ in 0..5 {
            let answer = ann.get("/api/tasks").await.expect(200);
            assert_eq!(answer.header("ratelimit-limit"), "5");
            remaining.push(answer.header("ratelimit-remaining").to_owned());
        }
        assert_eq!(remaining, ["4", "3", "2", "1", "0"]);
        let refused =
            ann.post("/api/tasks", json!({"title": "One too many"})).await.expect_problem(429, "rate-limited");
        assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
        assert_eq!(bob.get("/api/tasks").await.expect(200)["total"], 0);
    })
    .await;
}

#[tokio::test]
async fn signing_in_is_limited_by_address() {
    on_sqlite_with(limited(), |app: TestApp| async move {
        let nobody = User::nobody(&app);
        for number in 0..3 {
            let body = json!({"email": format!("user{number}@example.org"), "password": "some password"});
            nobody.post("/api/auth/login", body).await.expect(401);
        }
        let body = json!({"email": "another@example.org", "password": "some password"});
        nobody.post("/api/auth/login", body).await.expect_problem(429, "rate-limited");
    })
    .await;
}
