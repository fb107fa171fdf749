//! `todo serve` as an operator meets it: starting, being watched, stopping, and what it says when it cannot.

use std::{net::TcpListener, time::Duration};

use reqwest::Client;
use serde_json::{Value, json};

use crate::process::{Home, Served};

fn http() -> Client {
    // An error means that another test has installed one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap()
}

async fn get(served: &Served, path: &str) -> (u16, String) {
    let response = http().get(format!("{}{path}", served.url)).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

pub async fn register(served: &Served, name: &str) -> String {
    let body = json!({"email": format!("{name}@example.org"), "password": testkit::PASSWORD, "name": name});
    let response = http().post(format!("{}/api/auth/register", served.url)).json(&body).send().await.unwrap();
    assert_eq!(response.status(), 201);
    response.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned()
}

async fn add(served: &Served, token: &str, title: &str) {
    let request = http().post(format!("{}/api/tasks", served.url)).bearer_auth(token).json(&json!({"title": title}));
    assert_eq!(request.send().await.unwrap().status(), 201);
}

async fn titles(served: &Served, token: &str) -> Vec<String> {
    let request = http().get(format!("{}/api/tasks?sort=created", served.url)).bearer_auth(token);
    let page: Value = request.send().await.unwrap().json().await.unwrap();
    page["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn health_readiness_metrics_and_the_page() {
    let home = Home::new();
    let served = home.serve(&[]);
    assert_eq!(get(&served, "/healthz").await.0, 200);
    assert_eq!(get(&served, "/readyz").await.0, 200);
    let (status, page) = get(&served, "/").await;
    assert_eq!(status, 200);
    assert!(page.contains("/docs"), "{page}");
    let token = register(&served, "ann").await;
    add(&served, &token, "Buy milk").await;
    let (status, metrics) = get(&served, "/metrics").await;
    assert_eq!(status, 200);
    for name in ["todo_http_requests_total", "todo_http_request_duration_seconds_bucket", "todo_build_info"] {
        assert!(metrics.contains(name), "{name} is missing in {metrics}");
    }
    assert_eq!(get(&served, "/nowhere").await.0, 404);
}

/// Another process of the same database sees what was acknowledged before a kill.
#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_kill() {
    let home = Home::new();
    let served = home.serve(&[]);
    let token = register(&served, "ann").await;
    add(&served, &token, "Buy milk").await;
    served.signal("KILL");
    drop(served);
    let served = home.serve(&[]);
    assert_eq!(titles(&served, &token).await, ["Buy milk"]);
}

#[tokio::test]
async fn sigterm_stops_in_good_order() {
    for signal in ["TERM", "INT"] {
        let home = Home::new();
        let mut served = home.serve(&[]);
        let token = register(&served, "ann").await;
        add(&served, &token, "Buy milk").await;
        served.signal(signal);
        served.wait_for("stopped");
        assert!(served.wait().success(), "{signal}");
        // Nothing is left to repair: the write-ahead log went into the file.
        assert!(!home.database().with_extension("sqlite-wal").exists());
    }
}

#[tokio::test]
async fn a_live_stream_does_not_hold_up_the_stop() {
    let home = Home::new();
    let mut served = home.serve(&[]);
    let token = register(&served, "ann").await;
    let mut stream = http().get(format!("{}/api/events", served.url)).bearer_auth(&token).send().await.unwrap();
    assert_eq!(stream.status(), 200);
    served.signal("TERM");
    served.wait_for("stopped");
    assert!(served.wait().success());
    while stream.chunk().await.unwrap().is_some() {}
}

#[test]
fn a_port_in_use_is_said_in_one_line_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = Home::new().run(&["serve", "--listen", &address]).expect(1);
    assert!(done.err.contains("in use") && done.err.contains("--listen"), "{}", done.err);
    assert_eq!(done.err.lines().count(), 1, "{}", done.err);
}

#[test]
fn a_second_server_on_one_file_is_refused() {
    let home = Home::new();
    let _served = home.serve(&[]);
    let done = home.run(&["serve", "--listen", "127.0.0.1:0"]).expect(1);
    assert!(done.err.contains("served by another process"), "{}", done.err);
}

#[test]
fn configuration_that_cannot_be_meant_names_its_source() {
    let home = Home::new();
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let done = home.run_with(&serve, &[("TODO_REGISTRATION", "maybe")], "").expect(1);
    assert!(done.err.to_lowercase().contains("registration"), "{}", done.err);
    let done = home.run_with(&serve, &[("TODO_DATABASE_URL", "mysql://x")], "").expect(1);
    assert!(done.err.contains("database"), "{}", done.err);
    std::fs::write(home.path().join("todo.toml"), "lissten = \"127.0.0.1:1\"\n").unwrap();
    let done = home.run(&serve).expect(1);
    assert!(done.err.contains("lissten") && done.err.contains("todo.toml"), "{}", done.err);
    assert_eq!(home.run(&["serve", "--no-such-flag"]).status.code(), Some(2));
}

#[tokio::test]
async fn a_backup_taken_while_serving_brings_everything_back() {
    let home = Home::new();
    let served = home.serve(&[]);
    let token = register(&served, "ann").await;
    add(&served, &token, "Buy milk").await;
    let copy = home.path().join("copy.sqlite");
    let copy = copy.to_str().unwrap();
    home.run(&["backup", copy]).expect(0);
    add(&served, &token, "Written after the backup").await;
    assert!(home.run(&["backup", copy]).expect(1).err.contains("is there already"));
    assert!(home.run(&["restore", copy]).expect(1).err.contains("served by another process"));
    served.signal("TERM");
    served.wait_for("stopped");
    drop(served);
    assert!(home.run(&["restore", copy]).expect(1).err.contains("--force"));
    home.run(&["restore", copy, "--force"]).expect(0);
    let served = home.serve(&[]);
    assert_eq!(titles(&served, &token).await, ["Buy milk"]);
}

#[test]
fn what_is_no_backup_is_not_restored() {
    let home = Home::new();
    let junk = home.path().join("junk.sqlite");
    std::fs::write(&junk, "this is no database, whatever its name says").unwrap();
    home.run(&["restore", junk.to_str().unwrap()]).expect(1);
    assert!(!home.database().exists());
}

#[test]
fn migrate_tells_and_brings_up_to_date() {
    let home = Home::new();
    home.run(&["migrate", "--check"]).expect(1);
    home.run(&["migrate"]).expect(0);
    home.run(&["migrate", "--check"]).expect(0);
    home.run(&["migrate"]).expect(0);
}

#[tokio::test]
async fn an_operator_makes_an_account_disables_it_and_resets_its_password() {
    let home = Home::new();
    let served = home.serve(&["--registration", "closed"]);
    let create = ["admin", "users", "create", "ann@example.org", "--name", "Ann"];
    home.run_with(&create, &[], &format!("{0}\n{0}\n", testkit::PASSWORD)).expect(0);
    let login = |password: &str| {
        let body = json!({"email": "ann@example.org", "password": password});
        http().post(format!("{}/api/auth/login", served.url)).json(&body).send()
    };
    assert_eq!(login(testkit::PASSWORD).await.unwrap().status(), 200);
    home.run(&["admin", "users", "disable", "ann@example.org"]).expect(0);
    assert_eq!(login(testkit::PASSWORD).await.unwrap().status(), 401);
    home.run(&["admin", "users", "enable", "ann@example.org"]).expect(0);
    let reset = home.run(&["admin", "users", "reset", "ann@example.org"]).expect(0);
    let token = reset.out.split_whitespace().max_by_key(|word| word.len()).unwrap();
    let body = json!({"token": token, "new_password": "another good password"});
    let url = format!("{}/api/auth/reset-password", served.url);
    let answer = http().post(url).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{} {}", answer.status(), answer.text().await.unwrap());
    assert_eq!(login(testkit::PASSWORD).await.unwrap().status(), 401);
    assert_eq!(login("another good password").await.unwrap().status(), 200);
    home.run(&["admin", "dead-letters", "list"]).expect(0);
    home.run(&["doctor"]).expect(0);
}
