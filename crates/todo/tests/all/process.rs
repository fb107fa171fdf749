//! The real binary: run to its end, or serving.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use serde_json::Value;

/// Only ever reached by a test that fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A home of its own, so that nothing of the person who runs the tests is read or written.
pub struct Home(tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn database(&self) -> PathBuf {
        self.path().join("data/todo.sqlite")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_todo"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.path())
            .env("TODO_DATA_DIR", self.path().join("data"))
            .current_dir(self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// To its end.
    pub fn run(&self, arguments: &[&str]) -> Done {
        Done::of(self.command(arguments).output().unwrap())
    }

    /// With variables, and with lines on standard input.
    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Done {
        let mut command = self.command(arguments);
        let mut child = command.envs(variables.iter().copied()).stdin(Stdio::piped()).spawn().unwrap();
        // What does not read it may have closed it already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Done::of(child.wait_with_output().unwrap())
    }

    /// Serving on a free port; answers when it is ready.
    pub fn serve(&self, arguments: &[&str]) -> Served {
        let arguments = [&["serve", "--listen", "127.0.0.1:0", "--log-format", "json"], arguments].concat();
        let mut child = self.command(&arguments).spawn().unwrap();
        let log = read_lines(child.stderr.take().unwrap());
        let mut served = Served { child, url: String::new(), log };
        served.url = served.wait_for("ready")["url"].as_str().unwrap().to_owned();
        served
    }
}

#[derive(Debug)]
pub struct Done {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
}

impl Done {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { status: output.status, out: text(output.stdout), err: text(output.stderr) }
    }

    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "{}{}", self.out, self.err);
        self
    }

    /// Its output, of a command with `--json`.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

pub struct Served {
    child: Child,
    pub url: String,
    log: Receiver<Value>,
}

impl Served {
    /// The next record with that message; fails if the process ends before.
    #[track_caller]
    pub fn wait_for(&self, message: &str) -> Value {
        loop {
            let record = self.log.recv_timeout(PATIENCE);
            let record = record.unwrap_or_else(|_| panic!("it never logged {message:?}"));
            if record["message"] == message {
                return record;
            }
        }
    }

    pub fn signal(&self, name: &str) {
        let line = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

/// A test that failed leaves no process behind.
impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Read to the end, so that a full pipe never stops the process.
fn read_lines(stderr: ChildStderr) -> Receiver<Value> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let _ = sender.send(serde_json::from_str(&line).unwrap_or(Value::String(line)));
        }
    });
    receiver
}
