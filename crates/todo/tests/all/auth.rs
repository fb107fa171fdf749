//! `/api/auth` and what a person is signed in with.

use serde_json::json;
use testkit::{PASSWORD, TestApp, User, both_databases};

both_databases! {
    async fn registering_signs_in(app: TestApp) {
        let body = json!({"email": "Ann@Example.org", "password": PASSWORD, "name": " Ann ", "time_zone": "Europe/Berlin"});
        let answer = User::nobody(&app).post("/api/auth/register", body.clone()).await.expect(201);
        assert_eq!(answer["token_type"], "bearer");
        assert_eq!(answer["user"]["email"], "ann@example.org");
        assert_eq!(answer["user"]["name"], "Ann");
        let ann = User::nobody(&app).with_token(answer["access_token"].as_str().unwrap());
        assert_eq!(ann.get("/api/me").await.expect(200)["time_zone"], "Europe/Berlin");
        User::nobody(&app).post("/api/auth/register", body).await.expect_problem(409, "already-exists");
    }

    async fn an_unknown_address_and_a_wrong_password_look_alike(app: TestApp) {
        app.user("ann").await;
        let login = |email: &str, password: &str| {
            User::nobody(&app).post("/api/auth/login", json!({"email": email, "password": password}))
        };
        let wrong = login("ann@example.org", "not the password").await.expect_problem(401, "wrong-credentials");
        let unknown = login("bob@example.org", "not the password").await.expect_problem(401, "wrong-credentials");
        assert_eq!(wrong["detail"], unknown["detail"]);
        let answer = login("ANN@example.org", PASSWORD).await.expect(200);
        let ann = User::nobody(&app).with_token(answer["access_token"].as_str().unwrap());
        ann.post("/api/auth/logout", json!({})).await.expect(204);
        ann.get("/api/me").await.expect_problem(401, "unauthenticated");
    }

    async fn guessing_becomes_slow(app: TestApp) {
        app.user("ann").await;
        let guess = || User::nobody(&app).post("/api/auth/login", json!({"email": "ann@example.org", "password": "guess"}));
        for _ in 0..6 {
            guess().await.expect(401);
        }
        let refused = guess().await.expect_problem(429, "rate-limited");
        assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
        // Also with the right one, or a guesser would learn it.
        let right = || User::nobody(&app).post("/api/auth/login", json!({"email": "ann@example.org", "password": PASSWORD}));
        right().await.expect(429);
        app.advance_hours(1).await;
        right().await.expect(200);
        guess().await.expect(401);
    }

    async fn sessions_are_listed_and_ended(app: TestApp) {
        let ann = app.user("ann").await;
        let body = json!({"email": "ann@example.org", "password": PASSWORD});
        let other = User::nobody(&app).post("/api/auth/login", body).await.expect(200);
        let other = ann.with_token(other["access_token"].as_str().unwrap());
        let sessions = ann.get("/api/me/sessions").await.expect(200);
        assert_eq!(sessions["total"], 2);
        let others = sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
        ann.delete(&format!("/api/me/sessions/{}", others["id"].as_str().unwrap())).await.expect(204);
        other.get("/api/me").await.expect(401);
        ann.get("/api/me").await.expect(200);
    }

    async fn a_session_ends_when_it_lies_idle_and_lives_on_when_it_is_used(app: TestApp) {
        let ann = app.user("ann").await;
        for _ in 0..3 {
            app.advance_hours(24 * 13).await;
            ann.get("/api/me").await.expect(200);
        }
        app.advance_hours(24 * 14 + 1).await;
        ann.get("/api/me").await.expect(401);
    }

    async fn a_token_may_do_what_its_scopes_say(app: TestApp) {
        let ann = app.user("ann").await;
        let made = ann.post("/api/me/tokens", json!({"name": "script", "scopes": ["read"]})).await.expect(201);
        let script = ann.with_token(made["token"].as_str().unwrap());
        script.get("/api/tasks").await.expect(200);
        script.post("/api/tasks", json!({"title": "Buy milk"})).await.expect_problem(403, "insufficient-scope");
        let more = json!({"name": "more", "scopes": ["write"]});
        script.post("/api/me/tokens", more).await.expect_problem(403, "session-required");
        let listed = ann.get("/api/me/tokens").await.expect(200);
        assert_eq!(listed["items"][0]["token"], json!(null), "the secret is shown once");
        ann.delete(&format!("/api/me/tokens/{}", made.id())).await.expect(204);
        script.get("/api/tasks").await.expect(401);
    }

    async fn a_token_expires(app: TestApp) {
        let ann = app.user("ann").await;
        let body = json!({"name": "script", "expires_at": "2026-01-15T10:00:00Z"});
        let made = ann.post("/api/me/tokens", body).await.expect(201);
        let script = ann.with_token(made["token"].as_str().unwrap());
        script.get("/api/tasks").await.expect(200);
        app.set_time("2026-01-15T10:00:00Z").await;
        script.get("/api/tasks").await.expect_problem(401, "unauthenticated");
    }

    async fn a_new_password_ends_the_other_sessions(app: TestApp) {
        let ann = app.user("ann").await;
        let login = |password: &str| {
            User::nobody(&app).post("/api/auth/login", json!({"email": "ann@example.org", "password": password}))
        };
        let other = ann.with_token(login(PASSWORD).await.expect(200)["access_token"].as_str().unwrap());
        let change = |current: &str| json!({"current_password": current, "new_password": "a better password"});
        ann.post("/api/auth/change-password", change("wrong one")).await.expect_fault("current_password");
        ann.post("/api/auth/change-password", change(PASSWORD)).await.expect(204);
        ann.get("/api/me").await.expect(200);
        other.get("/api/me").await.expect(401);
        login(PASSWORD).await.expect(401);
        login("a better password").await.expect(200);
    }

    async fn a_deleted_account_takes_everything_with_it(app: TestApp) {
        let ann = app.user("ann").await;
        let bob = app.user("bob").await;
        ann.task("Buy milk", Some("2026-01-15T12:00:00Z")).await;
        bob.task("Keep this", Some("2026-01-15T12:00:00Z")).await;
        ann.post("/api/auth/delete-account", json!({"password": "wrong one"})).await.expect_fault("password");
        ann.post("/api/auth/delete-account", json!({"password": PASSWORD})).await.expect(204);
        ann.get("/api/me").await.expect(401);
        app.advance_hours(24).await;
        assert_eq!(bob.told().await.len(), 2);
        // The address is free again, and nothing of before shows.
        let again = app.user("ann").await;
        assert_eq!(again.get("/api/tasks").await.expect(200)["total"], 0);
        assert_eq!(again.get("/api/notifications").await.expect(200)["total"], 0);
    }
}
