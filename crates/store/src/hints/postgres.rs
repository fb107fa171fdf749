//! Hints between processes, through PostgreSQL's LISTEN and NOTIFY on connections of their own: never inside a
//! commit, where every committer would queue for one lock, and at most once per [`PAUSE`] and process.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use domain::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sqlx::{
    PgConnection, PgPool, Row as _,
    postgres::{PgConnectOptions, PgListener},
};
use tokio::sync::{broadcast, mpsc};

use super::{Hint, Hints, Tasks};
use crate::stored::to_json;

const CHANNEL: &str = "todo_hints";
const PAUSE: Duration = Duration::from_millis(5);
/// Before connecting again.
const RECONNECT: Duration = Duration::from_secs(1);
/// Hints waiting to be told; more are lost.
const QUEUE: usize = 1024;
/// A payload ends at 8,000 bytes: so many users fit well.
const USERS: usize = 100;

/// What one notification tells; short names, since payloads are small.
#[derive(Default, Serialize, Deserialize)]
struct Payload {
    #[serde(rename = "o", default)]
    outbox: bool,
    /// Microseconds.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    timers: Option<i64>,
    #[serde(rename = "u", default, skip_serializing_if = "BTreeMap::is_empty")]
    users: BTreeMap<UserId, i64>,
}

impl Payload {
    fn add(&mut self, hint: Hint) {
        self.outbox |= hint.outbox;
        let timers = hint.timers.map(Timestamp::as_microsecond);
        self.timers = self.timers.into_iter().chain(timers).min();
        if let Some((user, counter)) = hint.user
            && (self.users.len() < USERS || self.users.contains_key(&user))
        {
            let known = self.users.entry(user).or_default();
            *known = counter.max(*known);
        }
    }

    fn hints(self) -> impl Iterator<Item = Hint> {
        let timers = self.timers.and_then(|micros| Timestamp::from_microsecond(micros).ok());
        let work = Hint { outbox: self.outbox, timers, user: None };
        let users = self.users.into_iter().map(|user| Hint { user: Some(user), ..Hint::default() });
        std::iter::once(work).filter(|hint| *hint != Hint::default()).chain(users)
    }
}

/// Starts telling and listening. Both go on for as long as the hints do.
pub(crate) fn spawn(pool: PgPool, hints: &Hints) {
    let (tell, queue) = mpsc::channel(QUEUE);
    let own = Arc::new(AtomicU32::new(0));
    let options = pool.connect_options();
    let telling = tokio::spawn(tell_others((*options).clone(), queue, Arc::clone(&own)));
    let listening = tokio::spawn(listen(pool, hints.here.clone(), own));
    let _ = hints.elsewhere.set(tell);
    let _ = hints.tasks.set(Tasks(vec![telling, listening]));
}

/// `own` becomes the process id of our session on the server: what it tells is nothing new here.
async fn tell_others(options: PgConnectOptions, mut queue: mpsc::Receiver<Hint>, own: Arc<AtomicU32>) {
    let mut connection: Option<PgConnection> = None;
    while let Some(first) = queue.recv().await {
        let mut payload = Payload::default();
        payload.add(first);
        while let Ok(hint) = queue.try_recv() {
            payload.add(hint);
        }
        if connection.is_none() {
            connection = connect(&options, &own).await;
        }
        let Some(open) = &mut connection else {
            // What was committed meanwhile is found by polling.
            tokio::time::sleep(RECONNECT).await;
            continue;
        };
        let told = sqlx::query("select pg_notify($1, $2)").bind(CHANNEL).bind(to_json(&payload)).execute(open).await;
        if let Err(error) = told {
            tracing::debug!(%error, "hints to other processes are interrupted");
            connection = None;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn connect(options: &PgConnectOptions, own: &AtomicU32) -> Option<PgConnection> {
    use sqlx::Connection as _;
    let mut connection = PgConnection::connect_with(options).await.ok()?;
    let row = sqlx::query("select pg_backend_pid()").fetch_one(&mut connection).await.ok()?;
    let id: i32 = row.try_get(0).ok()?;
    own.store(id.unsigned_abs(), Ordering::Relaxed);
    Some(connection)
}

async fn listen(pool: PgPool, here: broadcast::Sender<Hint>, own: Arc<AtomicU32>) {
    loop {
        if let Err(error) = listen_once(&pool, &here, &own).await {
            tracing::debug!(%error, "hints from other processes are interrupted");
        }
        tokio::time::sleep(RECONNECT).await;
    }
}

async fn listen_once(pool: &PgPool, here: &broadcast::Sender<Hint>, own: &AtomicU32) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let notification = listener.recv().await?;
        if notification.process_id() == own.load(Ordering::Relaxed) {
            continue;
        }
        // Of a newer version, perhaps: then polling has to do.
        let Ok(payload) = serde_json::from_str::<Payload>(notification.payload()) else { continue };
        for hint in payload.hints() {
            let _ = here.send(hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_hints_become_one_payload_that_fits() {
        let mut payload = Payload::default();
        for number in 0..1000u128 {
            let user = UserId(uuid::Uuid::from_u128(number << 64 | number));
            let timers = Timestamp::from_second(2_000_000_000 - number as i64).ok();
            payload.add(Hint { outbox: number == 7, timers, user: Some((user, i64::MAX - number as i64)) });
        }
        let text = to_json(&payload);
        assert!(text.len() < 8000, "{}", text.len());
        let hints: Vec<_> = serde_json::from_str::<Payload>(&text).unwrap().hints().collect();
        assert!(hints[0].outbox);
        assert_eq!(hints[0].timers, Timestamp::from_second(1_999_999_001).ok());
        assert_eq!(hints.len(), 1 + USERS);
    }
}
