//! A `todo serve` process: started, found ready, killed.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

use crate::{CheckerError, random::Random};

/// From the start of a process to its first good answer.
const START_LIMIT: Duration = Duration::from_secs(60);
/// Below the ports that the kernel gives to connections: a client's own could be in the way of a restart.
const PORTS: std::ops::Range<u64> = 20_000..32_000;

#[derive(Debug)]
pub struct Server {
    pub port: u16,
    binary: PathBuf,
    folder: PathBuf,
    database_url: String,
    child: Option<Child>,
}

impl Server {
    pub fn new(binary: &Path, folder: &Path, database_url: &str, random: &mut Random) -> Result<Self, CheckerError> {
        let port = free_port(random)?;
        let folder = folder.join(format!("server-{port}"));
        std::fs::create_dir_all(&folder)?;
        let (binary, database_url) = (binary.to_owned(), database_url.to_owned());
        Ok(Self { port, binary, folder, database_url, child: None })
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// `failpoints` as the variable of that name; empty for none.
    pub fn spawn(&mut self, failpoints: &str) -> Result<(), CheckerError> {
        let log = std::fs::File::options().create(true).append(true).open(self.log_file())?;
        let child = Command::new(&self.binary)
            .arg("serve")
            .env_clear()
            .env("TODO_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("TODO_DATA_DIR", &self.folder)
            .env("TODO_DATABASE_URL", &self.database_url)
            .env("TODO_RATE_LIMITS", "off")
            .env("HOME", &self.folder)
            .env("FAILPOINTS", failpoints)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        self.child = Some(child);
        Ok(())
    }

    /// Waits until `/readyz` says so.
    pub async fn ready(&mut self, http: &reqwest::Client) -> Result<(), CheckerError> {
        let url = format!("{}/readyz", self.url());
        let wait = async {
            loop {
                if let Ok(response) = http.get(&url).send().await
                    && response.status().is_success()
                {
                    return Ok(());
                }
                if let Some(status) = self.exited()? {
                    return Err(self.failed(format!("ended while starting ({status})")));
                }
                sleep(Duration::from_millis(10)).await;
            }
        };
        match timeout(START_LIMIT, wait).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.failed("did not get ready".into())),
        }
    }

    fn exited(&mut self) -> Result<Option<ExitStatus>, CheckerError> {
        match &mut self.child {
            Some(child) => Ok(child.try_wait()?),
            None => Ok(None),
        }
    }

    pub fn is_running(&mut self) -> Result<bool, CheckerError> {
        Ok(self.child.is_some() && self.exited()?.is_none())
    }

    /// kill -9.
    pub async fn kill(&mut self) -> Result<(), CheckerError> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Waits for the process to end by itself; whether it did.
    pub async fn dies(&mut self, within: Duration) -> Result<bool, CheckerError> {
        let Some(child) = &mut self.child else { return Ok(true) };
        match timeout(within, child.wait()).await {
            Ok(status) => {
                status?;
                self.child = None;
                Ok(true)
            }
            Err(_) => Ok(false),
        }
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join("log")
    }

    pub fn failed(&self, what: String) -> CheckerError {
        let log = std::fs::read_to_string(self.log_file()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let log = lines[lines.len().saturating_sub(30)..].join("\n");
        CheckerError::Server { port: self.port, what, log }
    }
}

/// A port on which nobody listens now. It stays the server's for the whole run.
fn free_port(random: &mut Random) -> Result<u16, CheckerError> {
    for _ in 0..200 {
        let port = u16::try_from(random.range(PORTS.start, PORTS.end)).unwrap_or(u16::MAX);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(CheckerError::Setup("no port is free".into()))
}
