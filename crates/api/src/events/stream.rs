//! One live stream: waits for its user's counter to rise, then tells what is new.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use app::{AppError, view::NotificationView};
use axum::response::sse::Event;
use futures::{Stream, stream};
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior},
};

use crate::{extract::Known, problem::Problem, state::ApiState};

/// How soon a client that lost its stream should come back.
const RETRY: Duration = Duration::from_secs(2);
/// How often the token is looked at again. Until then a revoked one goes on hearing that something changed.
const RECHECK_EVERY: Duration = Duration::from_secs(30);
/// After a read that failed. The stream stays: a browser that is refused does not come back by itself.
const RETRY_READ: Duration = Duration::from_secs(1);

pub struct Follower {
    state: ApiState,
    known: Arc<Known>,
    counters: watch::Receiver<i64>,
    /// The counter as it stood at the start; the hub may not have heard of it yet.
    at_start: i64,
    /// Everything up to this value of the counter has been told.
    told: i64,
    /// The client resumes, so it is told where things stand even if nothing moved: the stream that it lost may have
    /// broken between a notification and its change.
    catching_up: bool,
    waiting: VecDeque<Event>,
    recheck: Interval,
    _open: Open,
}

/// Counts the streams that are open.
struct Open;

impl Open {
    fn new() -> Self {
        metrics::gauge!("todo_event_streams").increment(1.0);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::gauge!("todo_event_streams").decrement(1.0);
    }
}

impl Follower {
    /// `now` is the counter as it stands.
    pub fn new(
        state: ApiState,
        known: Arc<Known>,
        counters: watch::Receiver<i64>,
        now: i64,
        last_event_id: Option<i64>,
    ) -> Self {
        let mut recheck = tokio::time::interval_at(Instant::now() + RECHECK_EVERY, RECHECK_EVERY);
        recheck.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // A first line at once, so that the client knows that it is connected.
        let waiting = VecDeque::from([Event::default().retry(RETRY).comment("hello")]);
        // A cursor from the future comes from before a restored backup.
        let told = last_event_id.map_or(now, |id| id.min(now));
        Self {
            state,
            known,
            counters,
            at_start: now,
            told,
            catching_up: last_event_id.is_some(),
            waiting,
            recheck,
            _open: Open::new(),
        }
    }

    pub fn into_stream(self) -> impl Stream<Item = Result<Event, Infallible>> + Send {
        stream::unfold(self, |mut follower| async move {
            let event = follower.next().await?;
            Some((Ok(event), follower))
        })
    }

    /// The next event; `None` when the stream is over.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            let latest = self.at_start.max(*self.counters.borrow_and_update());
            let mut wake_at = None;
            if self.catching_up || latest > self.told {
                match self.catch_up(latest).await {
                    Ok(()) => continue,
                    Err(error) => {
                        drop(Problem::from(error));
                        wake_at = Some(Instant::now() + RETRY_READ);
                    }
                }
            }
            if !self.wait(wake_at).await {
                return None;
            }
        }
    }

    /// Waits until there may be something to do; false when the stream is to end.
    async fn wait(&mut self, wake_at: Option<Instant>) -> bool {
        let wake = async {
            match wake_at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let recheck = tokio::select! {
            () = self.state.shutdown.cancelled() => return false,
            // While a read is to be tried again, a rising counter does not make it sooner.
            changed = self.counters.changed(), if wake_at.is_none() => return changed.is_ok(),
            () = wake => false,
            _ = self.recheck.tick() => true,
        };
        !recheck || self.still_signed_in().await
    }

    async fn still_signed_in(&self) -> bool {
        match self.state.app.authenticate(&self.known.token).await {
            Ok(caller) => caller.is_some_and(|caller| caller.id() == self.known.caller.id()),
            // Not known for the moment.
            Err(_) => true,
        }
    }

    /// Queues the notifications since what was told, then the change.
    async fn catch_up(&mut self, latest: i64) -> Result<(), AppError> {
        let user = self.known.caller.id();
        let mut told = self.told;
        let mut events = VecDeque::new();
        loop {
            let found = self.state.app.notifications_since(user, told).await?;
            let Some(&(_, last)) = found.last() else { break };
            for (index, (notification, cursor)) in found.iter().enumerate() {
                let is_last_of_its_commit = found.get(index + 1).is_none_or(|(_, next)| next != cursor);
                // Who resumes from the middle of a commit gets all of it again: twice, but never too little.
                let id = if is_last_of_its_commit { *cursor } else { cursor - 1 };
                events.push_back(notification_event(notification, id));
            }
            told = last;
        }
        // A notification may have come in since.
        let latest = latest.max(told);
        events.push_back(
            Event::default().event("change").id(latest.to_string()).data(format!(r#"{{"cursor":{latest}}}"#)),
        );
        self.waiting.append(&mut events);
        self.told = latest;
        self.catching_up = false;
        Ok(())
    }
}

fn notification_event(notification: &NotificationView, id: i64) -> Event {
    let data = serde_json::to_string(notification).unwrap_or_default();
    Event::default().event("notification").id(id.to_string()).data(data)
}
