//! Tokens that are no good any more, and those of somebody else.

use serde_json::json;
use testkit::{TestApp, User, on_sqlite};

use super::{Aims, bodies};

/// Every operation that needs somebody: refused without a token, and with one that is not good any more.
#[tokio::test]
async fn tokens_that_are_no_good() {
    on_sqlite(|app: TestApp| async move {
        let aims = Aims::new(&app).await;
        let ann = &aims.ann;
        let expired = json!({"name": "short", "scopes": ["read", "write"], "expires_at": "2026-01-15T09:00:01Z"});
        let expired = ann.post("/api/me/tokens", expired).await.expect(201)["token"].as_str().unwrap().to_owned();
        let revoked =
            ann.post("/api/me/tokens", json!({"name": "gone", "scopes": ["read", "write"]})).await.expect(201);
        ann.delete(&format!("/api/me/tokens/{}", revoked.id())).await.expect(204);
        let revoked = revoked["token"].as_str().unwrap().to_owned();
        app.clock.set("2026-01-15T09:00:02Z".parse().unwrap());
        let before = aims.everything().await;
        let mut strangers = vec![User::nobody(&app)];
        let other = format!("todo_s_{}", "A".repeat(43));
        for token in [expired.as_str(), &revoked, &other, "x", "", " ", &"x".repeat(4000)] {
            strangers.push(ann.with_token(token));
        }
        let open = ["/api/auth/register", "/api/auth/login", "/api/auth/reset-password"];
        for stranger in &strangers {
            for (method, path, body) in bodies().into_iter().filter(|(_, path, _)| !open.contains(path)) {
                let answer = stranger.call(method, &aims.path(path)).json(&body).await;
                answer.expect_problem(401, "unauthenticated");
            }
            for path in [
                "/api/tasks",
                "/api/recurring-tasks",
                "/api/projects",
                "/api/tags",
                "/api/notifications",
                "/api/deliveries",
                "/api/stats",
                "/api/changes",
                "/api/events",
                "/api/activity",
                "/api/me/sessions",
            ] {
                stranger.get(path).await.expect_problem(401, "unauthenticated");
            }
            stranger.delete(&aims.path("/api/tasks/{task}")).await.expect_problem(401, "unauthenticated");
        }
        // Signed in, but somebody else.
        let bob = app.user("bob").await;
        for (method, path, body) in bodies().into_iter().filter(|(_, path, _)| path.contains('{')) {
            bob.call(method, &aims.path(path)).json(&body).await.expect_problem(404, "not-found");
        }
        assert_eq!(aims.everything().await, before);
    })
    .await;
}
