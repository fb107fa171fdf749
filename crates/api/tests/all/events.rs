//! Live updates.

use axum::body::Body;
use domain::{
    NotificationId, UserId,
    notification::{Notification, NotificationKind},
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use store::Commit;
use tokio::time::timeout;

use crate::harness::{PATIENCE, TestApi};

struct Stream {
    body: Body,
    text: String,
}

#[derive(Debug, PartialEq, Eq)]
struct Event {
    event: String,
    id: i64,
    data: Value,
}

impl Stream {
    async fn open(api: &TestApi, token: &str, last_event_id: Option<i64>) -> Self {
        let mut call = api.call("GET", "/api/events").token(token);
        if let Some(id) = last_event_id {
            call = call.header("last-event-id", &id.to_string());
        }
        let response = call.open().await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body(), text: String::new() }
    }

    /// The next event; `None` when the stream has ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    let lines = block.lines().filter_map(|line| line.split_once(": "));
                    lines.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).next()
                };
                if let (Some(event), Some(id), Some(data)) = (field("event"), field("id"), field("data")) {
                    let (id, data) = (id.parse().unwrap(), serde_json::from_str(&data).unwrap());
                    return Some(Event { event, id, data });
                }
                continue;
            }
            let frame = timeout(PATIENCE, self.body.frame()).await.expect("no event came")?;
            self.text.push_str(std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap());
        }
    }
}

async fn add_task(api: &TestApi, token: &str) {
    api.call("POST", "/api/tasks").token(token).json(&json!({"title": "Milk"})).send().await.expect(201);
}

/// Tells the user something, each in a commit of its own or all in one.
async fn notify(api: &TestApi, user: UserId, titles: &[&str]) -> i64 {
    let mut commit = Commit::of(user);
    for title in titles {
        commit.notification(&Notification {
            id: api.app.new_id::<NotificationId>(),
            user_id: user,
            kind: NotificationKind::Due,
            task_id: None,
            task_ids: Vec::new(),
            title: (*title).to_owned(),
            due_date: None,
            late: false,
            created_at: api.app.now(),
            read_at: None,
            snoozed_until: None,
        });
    }
    api.app.store.commit(commit).await.unwrap().cursor.unwrap()
}

async fn cursor(api: &TestApi, token: &str) -> i64 {
    api.call("GET", "/api/changes").token(token).send().await.expect(200).json()["cursor"].as_i64().unwrap()
}

#[tokio::test]
async fn a_change_is_told_with_its_cursor_and_to_its_user_alone() {
    let api = TestApi::new().await;
    let (ann, ann_id) = api.register("ann").await;
    let (bob, _) = api.register("bob").await;
    let mut stream = Stream::open(&api, &ann, None).await;
    add_task(&api, &bob).await;
    add_task(&api, &ann).await;
    let event = stream.next().await.unwrap();
    let now = cursor(&api, &ann).await;
    assert_eq!(event, Event { event: "change".into(), id: now, data: json!({"cursor": now}) });

    let told = notify(&api, ann_id, &["Due"]).await;
    let event = stream.next().await.unwrap();
    assert_eq!((event.event.as_str(), event.id, &event.data["title"]), ("notification", told, &json!("Due")));
    let event = stream.next().await.unwrap();
    assert_eq!((event.event.as_str(), event.id), ("change", told));
}

#[tokio::test]
async fn a_stream_that_resumes_is_told_what_it_missed() {
    let api = TestApi::new().await;
    let (ann, ann_id) = api.register("ann").await;
    let first = notify(&api, ann_id, &["One"]).await;
    let second = notify(&api, ann_id, &["Two", "Three"]).await;
    add_task(&api, &ann).await;
    let now = cursor(&api, &ann).await;

    let mut stream = Stream::open(&api, &ann, Some(first)).await;
    let mut told = Vec::new();
    for _ in 0..3 {
        let event = stream.next().await.unwrap();
        told.push((event.event, event.id));
    }
    // A client that breaks off between the two of one commit gets both again.
    let notification = || "notification".to_owned();
    assert_eq!(told, [(notification(), second - 1), (notification(), second), ("change".to_owned(), now)]);

    let mut stream = Stream::open(&api, &ann, Some(now)).await;
    assert_eq!(stream.next().await.unwrap().event, "change");
    let mut stream = Stream::open(&api, &ann, Some(now + 1000)).await;
    assert_eq!(stream.next().await.unwrap().id, now);
}

#[tokio::test]
async fn a_stream_ends_with_the_server() {
    let api = TestApi::new().await;
    let (ann, _) = api.register("ann").await;
    let mut stream = Stream::open(&api, &ann, None).await;
    api.shutdown.cancel();
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_stream_needs_a_token_that_may_read() {
    let api = TestApi::new().await;
    api.call("GET", "/api/events").send().await.expect_problem(401, "unauthenticated");
}
