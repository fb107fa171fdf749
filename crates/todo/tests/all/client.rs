//! The terminal client against a real server, as a script would use it.

use crate::process::{Home, Served};

struct Terminal<'a> {
    home: Home,
    served: &'a Served,
}

impl<'a> Terminal<'a> {
    /// Registered and signed in.
    fn new(served: &'a Served) -> Self {
        let terminal = Self { home: Home::new(), served };
        let register = ["register", &served.url, "--email", "ann@example.org", "--name", "Ann", "--time-zone", "UTC"];
        terminal.home.run_with(&register, &[], &format!("{0}\n{0}\n", testkit::PASSWORD)).expect(0);
        terminal
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        self.home.run(&[arguments, &["--json"]].concat()).expect(0).json()
    }
}

#[test]
fn add_list_done() {
    let server = Home::new();
    let served = server.serve(&[]);
    let terminal = Terminal::new(&served);
    let made = terminal.json(&["add", "Buy milk tomorrow 5pm @shop p1"]);
    assert_eq!(made["task"]["title"], "Buy milk");
    assert_eq!(made["task"]["priority"], 1);
    assert_eq!(made["task"]["tags"][0], "shop");
    terminal.json(&["add", "Call", "Ana"]);
    let list = terminal.json(&["list"]);
    assert_eq!(list["total"], 2);
    let table = terminal.home.run(&["list"]).expect(0).out;
    assert!(table.contains("Buy milk") && table.contains("Call Ana"), "{table}");
    terminal.home.run(&["done", "1"]).expect(0);
    let completed = terminal.json(&["list", "completed"]);
    assert_eq!(completed["items"][0]["title"], "Buy milk");
    assert_eq!(terminal.json(&["list"])["total"], 1);
    let id = completed["items"][0]["id"].as_str().unwrap();
    let history = terminal.json(&["history", id]);
    assert_eq!(history["total"], 2, "{history}");
}

#[test]
fn recurring_tasks() {
    let server = Home::new();
    let served = server.serve(&[]);
    let terminal = Terminal::new(&served);
    let made = terminal.json(&["recur", "add", "Weekly standup every mon 9:00"]);
    assert_eq!(made["recurring_task"]["recurrence_type"], "weekly", "{made}");
    assert_eq!(terminal.json(&["recur", "list"])["total"], 1);
    let preview = terminal.json(&["recur", "preview", "1", "-n", "3"]);
    assert_eq!(preview["occurrences"].as_array().unwrap().len(), 3);
    terminal.home.run(&["recur", "pause", "1"]).expect(0);
    assert_eq!(terminal.json(&["recur", "list"])["items"][0]["is_active"], false);
    terminal.home.run(&["recur", "resume", "1"]).expect(0);
    terminal.home.run(&["recur", "delete", "1"]).expect(0);
    assert_eq!(terminal.json(&["recur", "list"])["total"], 0);
}

#[test]
fn importing_a_file_twice_adds_nothing_twice() {
    let server = Home::new();
    let served = server.serve(&["--rate-limits", "off"]);
    let terminal = Terminal::new(&served);
    let file = terminal.home.path().join("tasks.txt");
    let lines: Vec<String> = (1..=50).map(|number| format!("Paint plank {number} of the fence")).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    for _ in 0..2 {
        terminal.home.run(&["import", "--plain", file.to_str().unwrap()]).expect(0);
        assert_eq!(terminal.json(&["list"])["total"], 50);
    }
}

#[test]
fn each_failure_has_its_exit_code() {
    let nobody = Home::new();
    let done = nobody.run(&["list", "--server", "http://127.0.0.1:9"]);
    assert!([3, 4].contains(&done.status.code().unwrap()), "{done:?}");
    let server = Home::new();
    let served = server.serve(&[]);
    let terminal = Terminal::new(&served);
    terminal.home.run(&["done", "99"]).expect(2);
    terminal.home.run(&["edit", "99"]).expect(2);
    terminal.home.run(&["add"]).expect(2);
    terminal.home.run(&["logout"]).expect(0);
    terminal.home.run(&["list", "--server", &terminal.served.url]).expect(4);
}

#[test]
fn completions_for_the_usual_shells() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(Home::new().run(&["completions", shell]).expect(0).out.contains("recur"), "{shell}");
    }
}
