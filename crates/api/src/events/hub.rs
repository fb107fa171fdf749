//! Tells every live stream of this process that its user's data changed.
//!
//! One task for all of them. Hints from the store make it fast; a poll of the change counters of those who are
//! subscribed, in one query, makes it right when hints are lost. A stream without changes costs nothing.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use app::App;
use domain::UserId;
use tokio::sync::{broadcast::error::RecvError, watch};
use tokio_util::sync::CancellationToken;

const POLL_EVERY: Duration = Duration::from_millis(500);

/// The latest known change counter of everybody who is subscribed; 0 until it is known.
type Counters = HashMap<UserId, watch::Sender<i64>>;

#[derive(Clone)]
pub struct Hub {
    counters: Arc<Mutex<Counters>>,
}

impl Hub {
    /// Runs until `shutdown`.
    pub fn start(app: App, shutdown: CancellationToken) -> Self {
        let hub = Self { counters: Arc::default() };
        tokio::spawn(hub.clone().run(app, shutdown));
        hub
    }

    /// The user's change counter as it rises. Dropping the receiver ends the subscription.
    pub fn subscribe(&self, user: UserId) -> watch::Receiver<i64> {
        self.with(|counters| counters.entry(user).or_insert_with(|| watch::Sender::new(0)).subscribe())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Counters) -> T) -> T {
        work(&mut self.counters.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn run(self, app: App, shutdown: CancellationToken) {
        let mut hints = app.store.hints();
        let mut has_hints = true;
        let mut poll = tokio::time::interval(POLL_EVERY);
        poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                hint = hints.recv(), if has_hints => match hint {
                    Ok(hint) => {
                        if let Some((user, counter)) = hint.user {
                            self.raise(user, counter);
                        }
                    }
                    // The poll finds what was missed.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => has_hints = false,
                },
                _ = poll.tick() => self.poll(&app).await,
            }
        }
    }

    fn raise(&self, user: UserId, counter: i64) {
        self.with(|counters| {
            if let Some(sender) = counters.get(&user) {
                sender.send_if_modified(|known| {
                    let is_news = counter > *known;
                    *known = counter.max(*known);
                    is_news
                });
            }
        });
    }

    async fn poll(&self, app: &App) {
        let users: Vec<UserId> = self.with(|counters| {
            counters.retain(|_, sender| sender.receiver_count() > 0);
            counters.keys().copied().collect()
        });
        metrics::gauge!("todo_event_users").set(users.len() as f64);
        if users.is_empty() {
            return;
        }
        match app.store.change_counters(&users).await {
            Ok(counters) => counters.into_iter().for_each(|(user, counter)| self.raise(user, counter)),
            Err(error) => tracing::warn!(%error, "live updates wait for the database"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: u128) -> UserId {
        UserId(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn a_counter_only_rises_and_wakes_only_its_user() {
        let hub = Hub { counters: Arc::default() };
        let (mut ann, mut bob) = (hub.subscribe(user(1)), hub.subscribe(user(2)));
        hub.raise(user(1), 5);
        assert!(ann.has_changed().unwrap());
        assert!(!bob.has_changed().unwrap());
        assert_eq!(*ann.borrow_and_update(), 5);
        hub.raise(user(1), 4);
        hub.raise(user(1), 5);
        assert!(!ann.has_changed().unwrap());
        hub.raise(user(3), 9);
        assert_eq!(*bob.borrow_and_update(), 0);
    }

    #[test]
    fn a_second_stream_of_a_user_shares_the_counter() {
        let hub = Hub { counters: Arc::default() };
        let first = hub.subscribe(user(1));
        hub.raise(user(1), 7);
        let second = hub.subscribe(user(1));
        assert_eq!((*first.borrow(), *second.borrow()), (7, 7));
    }
}
