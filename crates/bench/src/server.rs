//! `todo serve` as a process of its own, on a free port of loopback. Ends with its handle.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    database::Database,
    http::{self, Connection},
};

const READY_WITHIN: Duration = Duration::from_secs(20);
/// What it said last, for when it fails.
const LINES: usize = 20;

pub struct Server {
    process: Child,
    pub address: SocketAddr,
    said: Arc<Mutex<Vec<String>>>,
    /// From the start of the process to the first answer that it is ready.
    pub ready_after: Duration,
}

impl Server {
    pub async fn start(todo: &Path, database: &Database, folder: &Path) -> Result<Self> {
        let started = Instant::now();
        let mut process = Command::new(todo)
            .arg("serve")
            .args(["--listen", "127.0.0.1:0", "--rate-limits", "off", "--log", "info", "--log-format", "json"])
            .arg("--data-dir")
            .arg(folder)
            .arg("--database-url")
            .arg(database.url())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", todo.display()))?;
        let said = Arc::default();
        let listening = listen(&mut process, Arc::clone(&said))?;
        let mut server = Self { process, address: ([127, 0, 0, 1], 0).into(), said, ready_after: Duration::ZERO };
        let found = tokio::task::spawn_blocking(move || listening.recv_timeout(READY_WITHIN)).await?;
        let Ok(address) = found else { bail!("todo serve does not start:\n{}", server.said()) };
        server.address = address;
        server.wait_until_ready(started).await?;
        Ok(server)
    }

    async fn wait_until_ready(&mut self, started: Instant) -> Result<()> {
        let request = http::request("GET", "/readyz", "", "");
        loop {
            if let Ok(mut connection) = Connection::open(self.address).await
                && matches!(connection.send(&request).await, Ok(200))
            {
                self.ready_after = started.elapsed();
                return Ok(());
            }
            if started.elapsed() > READY_WITHIN {
                bail!("todo serve does not become ready:\n{}", self.said());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    fn said(&self) -> String {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    /// Stops it as an operator would.
    pub async fn stop(mut self) -> Result<()> {
        Command::new("kill").arg(self.id().to_string()).status()?;
        for _ in 0..3000 {
            if let Some(status) = self.process.try_wait()? {
                if !status.success() {
                    bail!("todo serve ended with {status}:\n{}", self.said());
                }
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("todo serve does not stop:\n{}", self.said())
    }
}

impl Drop for Server {
    /// After a failure, or when it has been stopped already.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads what it logs, so that it never waits for a reader; finds the address in it.
fn listen(process: &mut Child, said: Arc<Mutex<Vec<String>>>) -> Result<mpsc::Receiver<SocketAddr>> {
    let log = BufReader::new(process.stderr.take().context("its log is a pipe")?);
    let (found, address) = mpsc::channel();
    std::thread::spawn(move || {
        for line in log.lines().map_while(Result::ok) {
            if let Some(address) = address_in(&line) {
                let _ = found.send(address);
            }
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            if said.len() == LINES {
                said.remove(0);
            }
            said.push(line);
        }
    });
    Ok(address)
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    line["url"].as_str()?.strip_prefix("http://")?.parse().ok()
}
