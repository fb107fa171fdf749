//! `/api/events`: live updates.

use axum::{body::BodyDataStream, response::Response};
use futures::StreamExt;
use serde_json::Value;
use testkit::{TestApp, both_databases};

/// A stream of server-sent events, read one by one.
struct Live {
    body: BodyDataStream,
    buffer: String,
}

#[derive(Debug)]
struct Event {
    id: i64,
    name: String,
    data: Value,
}

impl Live {
    fn new(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
        Self { body: response.into_body().into_data_stream(), buffer: String::new() }
    }

    /// The next event that is no comment; `None` when the stream has ended.
    async fn next(&mut self) -> Option<Event> {
        tokio::time::timeout(crate::process::PATIENCE, self.read()).await.expect("nothing arrives")
    }

    async fn read(&mut self) -> Option<Event> {
        loop {
            while let Some((event, rest)) = self.buffer.split_once("\n\n") {
                let field = |name: &str| {
                    event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
                };
                let parsed = field("event").map(|name| Event {
                    id: field("id").unwrap().parse().unwrap(),
                    data: serde_json::from_str(&field("data").unwrap()).unwrap(),
                    name,
                });
                self.buffer = rest.to_owned();
                if parsed.is_some() {
                    return parsed;
                }
            }
            let chunk = self.body.next().await?.unwrap();
            self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn until(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await.unwrap();
            if event.name == name {
                return event;
            }
        }
    }
}

both_databases! {
    async fn changes_and_notifications_arrive(app: TestApp) {
        let ann = app.user("ann").await;
        let mut live = Live::new(ann.get("/api/events").open().await);
        ann.task("Tea", Some("2026-01-15T09:00:05Z")).await;
        let change = live.until("change").await;
        assert_eq!(change.data["cursor"], change.id);
        app.drain().await;
        app.set_time("2026-01-15T09:00:05Z").await;
        let told = [live.until("notification").await, live.until("notification").await];
        assert_eq!([&told[0].data["kind"], &told[1].data["kind"]], ["due_soon", "due"]);
        assert_eq!(told[1].data["title"], "Tea");
        app.shutdown.cancel();
        while live.next().await.is_some() {}
    }

    /// What was missed comes at once, and nothing of what was seen comes again.
    async fn a_stream_resumes_where_it_broke(app: TestApp) {
        let ann = app.user("ann").await;
        ann.task("Tea", Some("2026-01-15T09:00:05Z")).await;
        app.drain().await;
        let seen = ann.get("/api/changes?since=0").await.expect(200)["cursor"].as_i64().unwrap();
        app.set_time("2026-01-15T09:00:05Z").await;
        let mut live = Live::new(ann.get("/api/events").header("last-event-id", &seen.to_string()).open().await);
        let event = live.next().await.unwrap();
        assert_eq!((event.name.as_str(), &event.data["kind"]), ("notification", &"due".into()));
        let change = live.next().await.unwrap();
        assert_eq!(change.name, "change");
        let now = ann.get(&format!("/api/changes?since={seen}")).await.expect(200)["cursor"].as_i64().unwrap();
        assert_eq!(change.data["cursor"], now);
        app.shutdown.cancel();
    }

    async fn others_hear_nothing_and_strangers_are_refused(app: TestApp) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        testkit::User::nobody(&app).get("/api/events").await.expect_problem(401, "unauthenticated");
        let mut live = Live::new(bob.get("/api/events").open().await);
        ann.task("Secret", Some("2026-01-15T09:00:05Z")).await;
        app.set_time("2026-01-15T09:00:05Z").await;
        // The first thing that bob hears of is his own.
        bob.task("Own", None).await;
        let first = live.next().await.unwrap();
        assert_eq!(first.name, "change", "{first:?}");
        assert_eq!(bob.get("/api/changes?since=0").await.expect(200)["cursor"], first.id);
        app.shutdown.cancel();
    }
}
