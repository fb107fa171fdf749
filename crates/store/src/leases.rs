//! Leases: who leads, for how long, and in which epoch. One guarded statement each; works through poolers.
//!
//! The epoch rises with every change of hands, so that a late act of a former leader can be told from the current
//! one's.

use std::time::Duration;

use domain::Timestamp;
use uuid::Uuid;

use crate::{Store, StoreError, db::params};

fn ends(now: Timestamp, ttl: Duration) -> Timestamp {
    now.checked_add(ttl).unwrap_or(Timestamp::MAX)
}

impl Store {
    /// The epoch, if the lease was free, had run out, or was this holder's already (then in a new epoch too).
    pub async fn acquire_lease(
        &self,
        name: &str,
        holder: Uuid,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<Option<i64>, StoreError> {
        const SQL: &str = "insert into leases (name, holder, epoch, expires_at) values ($1, $2, 1, $3) \
            on conflict (name) do update set holder = excluded.holder, epoch = leases.epoch + 1, \
            expires_at = excluded.expires_at \
            where leases.expires_at <= $4 or leases.holder = excluded.holder returning epoch";
        let params = params![name, holder, ends(now, ttl), now];
        Ok(self.db.write(SQL, params, |row| row.get("epoch")).await?.pop())
    }

    /// Whether it is still this holder's, in this epoch, and now lasts longer.
    pub async fn renew_lease(
        &self,
        name: &str,
        holder: Uuid,
        epoch: i64,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "update leases set expires_at = $4 where name = $1 and holder = $2 and epoch = $3 \
            returning epoch";
        let params = params![name, holder, epoch, ends(now, ttl)];
        Ok(!self.db.write(SQL, params, |row| row.get::<i64>("epoch")).await?.is_empty())
    }

    /// Lets others have it at once. Does nothing if it is somebody else's by now.
    pub async fn release_lease(&self, name: &str, holder: Uuid, epoch: i64) -> Result<(), StoreError> {
        const SQL: &str = "update leases set expires_at = $4 where name = $1 and holder = $2 and epoch = $3 \
            returning epoch";
        let params = params![name, holder, epoch, Timestamp::UNIX_EPOCH];
        self.db.write(SQL, params, |row| row.get::<i64>("epoch")).await.map(drop)
    }
}
