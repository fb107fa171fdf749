//! All loops of a role, started together and stopped in order.

use std::{sync::Arc, time::Duration};

use app::App;
use bus::{Bus, BusError};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    analytics::{self, Analytics},
    channel::Channel,
    consumer::{Consumer, Inbox},
    deliver::Deliver,
    notifications::{self, Notifications},
    relay::Relay,
    retention::Retention,
    run_loop::{self, Work, backoff},
    scheduler::Scheduler,
};

/// The consumer groups; what the embedded bus waits for.
pub const GROUPS: [&str; 2] = [notifications::NAME, analytics::NAME];

/// Which loops run.
#[derive(Clone, Default)]
pub struct Roles {
    pub relay: bool,
    pub scheduler: bool,
    pub notifications: bool,
    pub analytics: bool,
    pub retention: bool,
    /// How long retention keeps the trash; 30 if absent.
    pub trash_days: Option<u16>,
    /// Ways out, one delivery loop each.
    pub channels: Vec<Arc<dyn Channel>>,
}

impl Roles {
    /// `todo serve`: everything in one process.
    pub fn serve() -> Self {
        Self { analytics: true, ..Self::notifications() }
    }

    pub fn backend() -> Self {
        Self { relay: true, ..Self::default() }
    }

    pub fn notifications() -> Self {
        Self { relay: true, scheduler: true, notifications: true, retention: true, ..Self::default() }
    }

    pub fn analytics() -> Self {
        Self { analytics: true, ..Self::default() }
    }
}

/// Running loops.
#[must_use = "stop them in good order"]
pub struct Workers {
    app: App,
    bus: Arc<dyn Bus>,
    loops: Group,
    consumers: Group,
}

#[derive(Default)]
struct Group {
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Group {
    async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Workers {
    /// Must be called within a tokio runtime.
    pub fn start(app: &App, bus: Arc<dyn Bus>, roles: &Roles) -> Self {
        let workers = Self { app: app.clone(), bus, loops: Group::default(), consumers: Group::default() };
        if roles.notifications {
            workers.consume(Arc::new(Notifications::new(app.clone())));
        }
        if roles.analytics {
            workers.consume(Arc::new(Analytics));
        }
        for channel in &roles.channels {
            workers.run(Deliver::new(app.clone(), Arc::clone(channel)));
        }
        if roles.scheduler {
            workers.run(Scheduler::new(app.clone()));
        }
        if roles.relay {
            workers.run(Relay::new(app.clone(), Arc::clone(&workers.bus)));
        }
        if roles.retention {
            let retention = Retention::new(app.clone());
            workers.run(match roles.trash_days {
                Some(days) => retention.keeping_trash(days),
                None => retention,
            });
        }
        workers
    }

    /// Finishes the steps under way and returns when all have ended. The consumers go last, so that what the relay is
    /// publishing still finds them.
    pub async fn stop(self) {
        self.loops.stop().await;
        self.consumers.stop().await;
    }

    fn run(&self, work: impl Work + 'static) {
        self.loops.tasks.spawn(run_loop::run(work, self.app.clone(), self.loops.stop.clone()));
    }

    fn consume(&self, consumer: Arc<dyn Consumer>) {
        let inbox = Arc::new(Inbox::new(self.app.clone(), consumer));
        let (app, bus, stop) = (self.app.clone(), Arc::clone(&self.bus), self.consumers.stop.clone());
        self.consumers.tasks.spawn(consume(app, bus, inbox, stop));
    }
}

/// Consumes until `stop`, through every loss of the bus.
async fn consume(app: App, bus: Arc<dyn Bus>, inbox: Arc<Inbox>, stop: CancellationToken) {
    let (name, topics) = (inbox.consumer().name(), inbox.consumer().topics());
    let mut failures = 0;
    while !stop.is_cancelled() {
        match bus.consume(name, topics, inbox.clone(), stop.clone()).await {
            Ok(()) => failures = 0,
            Err(error @ BusError::Misuse(_)) => {
                tracing::error!(consumer = name, %error, "the consumer cannot run");
                return;
            }
            Err(error @ BusError::Unavailable(_)) => {
                tracing::warn!(consumer = name, %error, failures, "consuming failed; it is tried again");
                let pause = backoff(&*app.random, Duration::from_millis(100), Duration::from_secs(5), failures);
                failures += 1;
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
    }
}
