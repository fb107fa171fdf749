//! Many at once: no error that contention makes, and nothing lost.

use std::collections::HashSet;

use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{TestApp, both_databases};

both_databases! {
    /// 32 clients create tasks in one project of one person at once.
    async fn thirty_two_clients_in_one_project(app: TestApp) {
        const CLIENTS: usize = 32;
        const EACH: usize = 10;
        let ann = app.user("ann").await;
        let project = ann.post("/api/projects", json!({"name": "Home"})).await.expect(201);
        let client = |client: usize| {
            let (ann, project) = (ann.clone(), project.id().to_owned());
            tokio::spawn(async move {
                let mut made = Vec::new();
                for number in 0..EACH {
                    let body = json!({"title": format!("Task {client}-{number}"), "project_id": project, "tags": ["shared"]});
                    made.push(ann.post("/api/tasks", body).await.expect(201).id().to_owned());
                }
                made
            })
        };
        let made: HashSet<String> = join_all((0..CLIENTS).map(client)).await.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(made.len(), CLIENTS * EACH);
        // Read by a process that has nothing in memory.
        let other = testkit::User { app: app.restarted().await, ..ann.clone() };
        let listed = other.all(&format!("/api/tasks?project_id={}", project.id())).await;
        let listed: HashSet<String> = listed.iter().map(|task| task["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(listed, made);
        assert_eq!(other.get("/api/tasks").await.expect(200)["total"], CLIENTS * EACH);
        app.drain().await;
        assert_eq!(ann.get("/api/stats").await.expect(200)["created"], CLIENTS * EACH);
    }

    /// Everybody changes the same task: whoever is told 200 is in its history, in one order.
    async fn one_task_under_many_hands(app: TestApp) {
        let ann = app.user("ann").await;
        let other = testkit::User { app: app.restarted().await, ..ann.clone() };
        let task = ann.task("Shared", None).await;
        let path = format!("/api/tasks/{}", task.id());
        let hands = (0..16).map(|number| {
            let user = if number % 2 == 0 { ann.clone() } else { other.clone() };
            let path = path.clone();
            tokio::spawn(async move {
                for round in 0..5 {
                    user.patch(&path, json!({"description": format!("{number}-{round}")})).await.expect(200);
                }
            })
        });
        join_all(hands).await.into_iter().for_each(Result::unwrap);
        assert_eq!(ann.get(&path).await.expect(200).version(), 81);
        let history = ann.all(&format!("{path}/history")).await;
        let versions: Vec<_> = history.iter().rev().map(|e| e["event_data"]["aggregateversion"].as_str().unwrap()).collect();
        assert_eq!(versions, (1..=81).map(|version| version.to_string()).collect::<Vec<_>>());
    }

    /// Of those that decided on one version, one wins, and the others are told.
    async fn one_version_has_one_winner(app: TestApp) {
        let ann = app.user("ann").await;
        let task = ann.task("Shared", None).await;
        let path = format!("/api/tasks/{}", task.id());
        let calls = (0..16).map(|number| {
            let call = ann.patch(&path, json!({"title": format!("Mine {number}")})).if_match(1);
            tokio::spawn(async move { call.await.status })
        });
        let statuses: Vec<u16> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [200, 412].contains(status)), "{statuses:?}");
    }

    async fn completing_at_once_completes_once(app: TestApp) {
        let ann = app.user("ann").await;
        let task = ann.task("Shared", Some("2026-01-20T09:00:00Z")).await;
        let path = format!("/api/tasks/{}", task.id());
        let calls = (0..16).map(|_| {
            let call = ann.patch(&format!("{path}/complete"), Value::Null);
            tokio::spawn(async move { call.await.expect(200).version() })
        });
        for call in calls.collect::<Vec<_>>() {
            assert_eq!(call.await.unwrap(), 2);
        }
        assert_eq!(ann.get(&format!("{path}/history")).await.expect(200)["total"], 2);
    }
}
