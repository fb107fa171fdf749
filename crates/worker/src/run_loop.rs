//! The one way in which every loop runs: step, then wait for a hint, for the moment the step named, or for the poll.
//!
//! Hints only make things faster. A loop that misses all of them still steps twice a second.

use std::time::Duration;

use app::App;
use async_trait::async_trait;
use domain::{Clock, Random, Timestamp};
use store::Hint;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use crate::{WorkError, error::caught};

/// The longest time between two steps.
pub const POLL: Duration = Duration::from_millis(500);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// When a step wants to be called again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// There is more to do.
    Now,
    /// Then, or at the next poll if that is sooner.
    At(Timestamp),
    /// When there is a hint, or at the next poll.
    Idle,
}

#[async_trait]
pub trait Work: Send + Sync {
    /// In logs and as a metric label.
    fn name(&self) -> &'static str;

    /// A bounded piece of work. May be dropped between two awaits without harm.
    async fn step(&mut self) -> Result<Next, WorkError>;

    /// Whether there may be work now.
    fn wakes_for(&self, _hint: &Hint) -> bool {
        false
    }

    /// Gives back what others wait for.
    async fn stop(&mut self) {}
}

/// Steps until `stop`; the step under way is finished.
pub async fn run(mut work: impl Work, app: App, stop: CancellationToken) {
    let name = work.name();
    let mut hints = app.store.hints();
    let mut failures = 0;
    while !stop.is_cancelled() {
        let pause = match caught(work.step()).await.flatten() {
            Ok(Next::Now) => {
                failures = 0;
                tokio::task::yield_now().await;
                continue;
            }
            Ok(Next::At(at)) => until(&*app.clock, at).min(POLL),
            Ok(Next::Idle) => POLL,
            Err(error) => {
                failures += 1;
                metrics::counter!("todo_loop_failures_total", "loop" => name).increment(1);
                tracing::warn!(r#loop = name, %error, failures, "a step failed; it is tried again");
                let pause = backoff(&*app.random, FIRST_PAUSE, LONGEST_PAUSE, failures - 1);
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = stop.cancelled() => {}
                }
                continue;
            }
        };
        failures = 0;
        wait(&work, &mut hints, pause, &stop).await;
    }
    work.stop().await;
    tracing::debug!(r#loop = name, "stopped");
}

async fn wait(work: &impl Work, hints: &mut broadcast::Receiver<Hint>, pause: Duration, stop: &CancellationToken) {
    let pause = tokio::time::sleep(pause);
    tokio::pin!(pause);
    loop {
        let hint = tokio::select! {
            hint = hints.recv() => hint,
            () = &mut pause => return,
            () = stop.cancelled() => return,
        };
        match hint {
            Ok(hint) if work.wakes_for(&hint) => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => break,
        }
    }
    tokio::select! {
        () = pause => {}
        () = stop.cancelled() => {}
    }
}

fn until(clock: &dyn Clock, at: Timestamp) -> Duration {
    at.duration_since(clock.now()).try_into().unwrap_or(Duration::ZERO)
}

/// Doubles with each failure, and is spread over its last quarter, so that many that failed together do not come back
/// together.
pub(crate) fn backoff(random: &dyn Random, first: Duration, longest: Duration, failures: u32) -> Duration {
    let full = first.saturating_mul(2_u32.saturating_pow(failures)).min(longest);
    full - full.mul_f64(0.25 * chance(random))
}

/// From 0 to 1.
pub(crate) fn chance(random: &dyn Random) -> f64 {
    let mut bytes = [0; 2];
    random.fill(&mut bytes);
    f64::from(u16::from_le_bytes(bytes)) / f64::from(u16::MAX)
}
