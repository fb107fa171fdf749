//! Load on a server: as fast as it answers, or at a given rate. One thread, like the server a guest on this machine.

use std::{
    cell::Cell,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Result;
use futures::future::try_join_all;

use crate::{figures::Latencies, http::Connection};

/// How many clients there are at once.
pub const CONNECTIONS: usize = 32;

pub struct Load {
    pub connections: Vec<Connection>,
}

/// What came of one round.
pub struct Done {
    pub per_second: f64,
    pub requests: u64,
    pub latencies: Latencies,
}

impl Load {
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let connections = try_join_all((0..CONNECTIONS).map(|_| Connection::open(address))).await?;
        Ok(Self { connections })
    }

    /// Each connection asks again as soon as it is answered, until the time is over or one of them has nothing left to
    /// ask. `next` makes the request of a connection.
    pub async fn closed(
        &mut self,
        lasting: Duration,
        status: u16,
        next: impl Fn(usize) -> Option<Vec<u8>>,
    ) -> Result<Done> {
        let started = Instant::now();
        let stop = Cell::new(false);
        let (next, stop) = (&next, &stop);
        let clients = self.connections.iter_mut().enumerate().map(|(number, connection)| async move {
            let mut latencies = Latencies::default();
            while !stop.get() && started.elapsed() < lasting {
                let Some(request) = next(number) else {
                    stop.set(true);
                    break;
                };
                let asked = Instant::now();
                connection.expect(&request, status).await?;
                latencies.add(asked.elapsed());
            }
            anyhow::Ok(latencies)
        });
        let each = try_join_all(clients).await?;
        let elapsed = started.elapsed();
        let mut latencies = Latencies::default();
        each.into_iter().for_each(|own| latencies.extend(own));
        let requests = latencies.len() as u64;
        Ok(Done { per_second: requests as f64 / elapsed.as_secs_f64(), requests, latencies })
    }

    /// Each connection asks until it has nothing left to ask; how many were answered.
    pub async fn spent(&mut self, status: u16, next: impl Fn(usize) -> Option<Vec<u8>>) -> Result<usize> {
        let next = &next;
        let clients = self.connections.iter_mut().enumerate().map(|(number, connection)| async move {
            let mut answered = 0;
            while let Some(request) = next(number) {
                connection.expect(&request, status).await?;
                answered += 1;
            }
            anyhow::Ok(answered)
        });
        Ok(try_join_all(clients).await?.into_iter().sum())
    }

    /// `per_second` requests, spread over the connections and evenly over time. A server that falls behind is not
    /// waited for: the latencies count from the moment at which the request should have been sent.
    pub async fn paced(
        &mut self,
        per_second: u32,
        lasting: Duration,
        status: u16,
        next: impl Fn(usize) -> Vec<u8>,
    ) -> Result<Latencies> {
        let started = Instant::now();
        let interval = Duration::from_secs_f64(1.0 / f64::from(per_second));
        let number = Cell::new(0_u32);
        let (next, number) = (&next, &number);
        let clients = self.connections.iter_mut().enumerate().map(|(client, connection)| async move {
            let mut latencies = Latencies::default();
            loop {
                let planned = started + interval * number.replace(number.get() + 1);
                if planned.duration_since(started) >= lasting {
                    return anyhow::Ok(latencies);
                }
                tokio::time::sleep_until(planned.into()).await;
                connection.expect(&next(client), status).await?;
                latencies.add(planned.elapsed());
            }
        });
        let mut latencies = Latencies::default();
        try_join_all(clients).await?.into_iter().for_each(|own| latencies.extend(own));
        Ok(latencies)
    }
}
