//! Runs everything that there is to do now, step by step, until there is nothing left: for tests, which move the clock
//! themselves, and for commands that must not leave work behind.
//!
//! Do not use it beside running [`Workers`](crate::Workers): their relay leads, and this one would stand by.

use std::sync::Arc;

use app::App;
use bus::{Attached, BusError, Embedded};

use crate::{
    GROUPS, WorkError,
    analytics::Analytics,
    consumer::{Consumer, Inbox, MOST_ATTEMPTS},
    notifications::Notifications,
    relay::Relay,
    run_loop::{Next, Work},
    scheduler::Scheduler,
};

pub struct Drain {
    app: App,
    scheduler: Scheduler,
    relay: Relay,
    _consumers: Vec<Attached>,
}

impl Drain {
    /// With a bus and consumers of its own.
    pub fn new(app: &App) -> Result<Self, BusError> {
        Self::with(app, vec![Arc::new(Notifications::new(app.clone())), Arc::new(Analytics)])
    }

    /// With these consumers, each in a group of [`GROUPS`]; events wait for those that are missing.
    pub fn with(app: &App, consumers: Vec<Arc<dyn Consumer>>) -> Result<Self, BusError> {
        let bus = Embedded::new(&GROUPS);
        let attach = |consumer: Arc<dyn Consumer>| {
            let (name, topics) = (consumer.name(), consumer.topics());
            bus.attach(name, topics, Arc::new(Inbox::new(app.clone(), consumer)))
        };
        let consumers = consumers.into_iter().map(attach).collect::<Result<_, _>>()?;
        let relay = Relay::new(app.clone(), Arc::new(bus.clone()));
        Ok(Self { app: app.clone(), scheduler: Scheduler::new(app.clone()), relay, _consumers: consumers })
    }

    /// Until no timer is due and no event is unpublished at the clock's now. Events that fail are tried until they are
    /// parked.
    pub async fn run(&mut self) -> Result<(), WorkError> {
        loop {
            while self.scheduler.step().await? == Next::Now {}
            self.publish().await?;
            if self.scheduler.step().await? != Next::Now {
                return Ok(());
            }
        }
    }

    async fn publish(&mut self) -> Result<(), WorkError> {
        let mut depth = self.app.store.outbox_stats().await?.depth;
        let mut fruitless = 0;
        while depth > 0 && fruitless <= MOST_ATTEMPTS {
            self.relay.sweep_next();
            while self.relay.step().await? == Next::Now {}
            let left = self.app.store.outbox_stats().await?.depth;
            fruitless = if left < depth { 0 } else { fruitless + 1 };
            depth = left;
        }
        if depth > 0 { Err(WorkError::Stuck(depth)) } else { Ok(()) }
    }
}

impl std::fmt::Debug for Drain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drain").finish_non_exhaustive()
    }
}
