//! `Idempotency-Key`: sent twice, done once.

use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{TestApp, both_databases};

both_databases! {
    async fn the_same_request_again_is_answered_as_before(app: TestApp) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        for (path, body) in [
            ("/api/tasks", json!({"title": "Buy milk"})),
            ("/api/recurring-tasks", json!({"title": "Run", "recurrence_type": "daily", "start_date": "2026-01-16T08:00:00Z"})),
            ("/api/projects", json!({"name": "Home"})),
            ("/api/tags", json!({"name": "errand"})),
            ("/api/tasks/quick-add", json!({"text": "Call Ana tomorrow 5pm"})),
        ] {
            let key = path.replace('/', "-");
            let first = ann.post(path, body.clone()).key(&key).await.expect(201);
            let second = ann.post(path, body.clone()).key(&key).await.expect(201);
            assert_eq!(second.text, first.text, "{path}");
            assert_eq!(second.header("idempotency-replayed"), "true", "{path}");
            assert_eq!(second.headers.get("location"), first.headers.get("location"), "{path}");
            // After a restart as well.
            let again = testkit::User { app: app.restarted().await, ..ann.clone() };
            assert_eq!(again.post(path, body.clone()).key(&key).await.expect(201).text, first.text, "{path}");
            let mut other = body.clone();
            other["title"] = json!("Another");
            ann.post(path, other).key(&key).await.expect(422);
            // Somebody else's key is another key.
            let others = bob.post(path, body).key(&key).await.expect(201);
            assert!(others.headers.get("idempotency-replayed").is_none(), "{path}");
        }
        assert_eq!(ann.get("/api/tasks").await.expect(200)["total"], 2);
        assert_eq!(ann.get("/api/recurring-tasks").await.expect(200)["total"], 1);
    }

    async fn another_request_under_the_key_is_refused(app: TestApp) {
        let ann = app.user("ann").await;
        ann.post("/api/tasks", json!({"title": "Buy milk"})).key("k").await.expect(201);
        let other = ann.post("/api/tasks", json!({"title": "Buy bread"})).key("k").await;
        other.expect_problem(422, "idempotency-mismatch");
        ann.post("/api/projects", json!({"name": "Home"})).key("k").await.expect_problem(422, "idempotency-mismatch");
        assert_eq!(ann.get("/api/tasks").await.expect(200)["total"], 1);
    }

    /// A refusal is not remembered: the same key serves the corrected request.
    async fn a_refused_request_leaves_its_key_free(app: TestApp) {
        let ann = app.user("ann").await;
        ann.post("/api/tasks", json!({"title": ""})).key("k").await.expect_fault("title");
        ann.post("/api/tasks", json!({"title": "Buy milk"})).key("k").await.expect(201);
    }

    async fn many_at_once_have_one_effect(app: TestApp) {
        let ann = app.user("ann").await;
        let other = testkit::User { app: app.restarted().await, ..ann.clone() };
        let calls = (0..16).map(|number| {
            let user = if number % 2 == 0 { &ann } else { &other };
            user.post("/api/tasks", json!({"title": "Buy milk"})).key("k").into_future()
        });
        let answers = join_all(calls).await;
        for answer in &answers {
            assert!([201, 409].contains(&answer.status), "{}", answer.text);
            if answer.status == 409 {
                assert_eq!(answer["type"], "/problems/in-flight");
            }
        }
        let made: Vec<&Value> = answers.iter().filter(|answer| answer.status == 201).map(|answer| &answer["id"]).collect();
        assert!(!made.is_empty() && made.iter().all(|id| *id == made[0]));
        assert_eq!(ann.get("/api/tasks").await.expect(200)["total"], 1);
    }

    async fn a_key_is_forgotten_after_a_day(app: TestApp) {
        let ann = app.user("ann").await;
        ann.post("/api/tasks", json!({"title": "Buy milk"})).key("k").await.expect(201);
        app.advance_hours(25).await;
        let mut retention = worker::retention::Retention::new(app.app.clone());
        while worker::run_loop::Work::step(&mut retention).await.unwrap() == worker::run_loop::Next::Now {}
        ann.post("/api/tasks", json!({"title": "Buy bread"})).key("k").await.expect(201);
        for bad in ["", "two words", &"k".repeat(201)] {
            ann.post("/api/tasks", json!({"title": "x"})).key(bad).await.expect_problem(400, "malformed");
        }
    }
}

use std::future::IntoFuture;
