//! The ledger: each notification on each channel, and what became of it. Its uniqueness by user, channel, task, kind
//! and moment is what makes a notification impossible to send twice.

use domain::{
    DeliveryId, TaskId, Timestamp, UserId,
    notification::{Channel, Delivery, DeliveryStatus, NotificationKind},
};
use uuid::Uuid;

use crate::{
    Commit, Cursor, Page, PageRequest, Store, StoreError,
    commit::Refusal,
    cursor::Key,
    db::{Row, Value, params},
    stored::corrupt,
};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    pub status: Option<DeliveryStatus>,
    pub channel: Option<Channel>,
    pub task_id: Option<TaskId>,
}

/// A planned one may be cancelled, and a cancelled one planned again: whatever else is there stays.
const INSERT: &str = "insert into deliveries (id, user_id, task_id, kind, channel, moment, status, attempts, \
    next_attempt_at, sent_at, late, error, notification_id, digest_id, created_at, changed) \
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, {counter} {from} where {locked} \
    on conflict (user_id, channel, task_id, kind, moment) do update set id = excluded.id, status = excluded.status, \
    attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at, sent_at = excluded.sent_at, \
    late = excluded.late, error = excluded.error, notification_id = excluded.notification_id, \
    digest_id = excluded.digest_id, created_at = excluded.created_at, changed = excluded.changed \
    where (deliveries.status = 'cancelled') <> (excluded.status = 'cancelled') \
    and deliveries.status in ('cancelled', 'pending', 'held', 'retrying')";

const UPDATE: &str = "update deliveries set status = $3, attempts = $4, next_attempt_at = $5, sent_at = $6, \
    error = $7, notification_id = $8, changed = {counter} {from} \
    where id = $1 and user_id = $2 and attempts = $9 and status in ('pending', 'held', 'retrying')";

macro_rules! columns {
    () => {
        "id, user_id, task_id, kind, channel, moment, status, attempts, next_attempt_at, sent_at, late, error, \
         notification_id, digest_id, created_at"
    };
}

pub(crate) const OF_TASK: &str = concat!(
    "select ",
    columns!(),
    " from deliveries where task_id = $1 and {beside:user_id} = $2 order by moment, channel, kind, id"
);

fn delivery(row: &Row<'_>) -> Result<Delivery, StoreError> {
    let (kind, channel, status): (String, String, String) = (row.get("kind")?, row.get("channel")?, row.get("status")?);
    Ok(Delivery {
        id: row.get("id")?,
        user_id: row.get("user_id")?,
        task_id: row.get("task_id")?,
        kind: NotificationKind::from_name(&kind).ok_or_else(|| corrupt(format!("delivery kind {kind}")))?,
        channel: Channel::from_name(&channel).ok_or_else(|| corrupt(format!("channel {channel}")))?,
        moment: row.get("moment")?,
        status: DeliveryStatus::from_name(&status).ok_or_else(|| corrupt(format!("delivery status {status}")))?,
        attempts: row.get("attempts")?,
        next_attempt_at: row.get("next_attempt_at")?,
        sent_at: row.get("sent_at")?,
        late: row.get("late")?,
        error: row.get("error")?,
        notification_id: row.get("notification_id")?,
        digest_id: row.get("digest_id")?,
        created_at: row.get("created_at")?,
    })
}

impl Commit {
    /// A new row of the ledger, or one in place of a cancelled one. If it has been told before or is about to be, the
    /// whole commit is void ([`Duplicate::Delivery`](crate::Duplicate::Delivery)): whatever tells it must not happen
    /// twice either. A cancellation calls off what is planned, and passes over what is not.
    pub fn delivery(&mut self, delivery: &Delivery) {
        let expect = (delivery.status != DeliveryStatus::Cancelled).then_some(Refusal::Delivery);
        self.add(INSERT, row(delivery), expect);
    }

    /// The outcome of an attempt: `attempts_before` guards against another worker that was first.
    pub fn delivery_outcome(&mut self, delivery: &Delivery, attempts_before: i64) {
        self.guard(
            UPDATE,
            params![
                delivery.id,
                delivery.user_id,
                delivery.status.name(),
                delivery.attempts,
                delivery.next_attempt_at,
                delivery.sent_at,
                delivery.error.as_deref(),
                delivery.notification_id,
                attempts_before
            ],
        );
    }
}

fn row(delivery: &Delivery) -> Vec<Value> {
    params![
        delivery.id,
        delivery.user_id,
        delivery.task_id,
        delivery.kind.name(),
        delivery.channel.name(),
        delivery.moment,
        delivery.status.name(),
        delivery.attempts,
        delivery.next_attempt_at,
        delivery.sent_at,
        delivery.late,
        delivery.error.as_deref(),
        delivery.notification_id,
        delivery.digest_id,
        delivery.created_at
    ]
}

/// The lease is `next_attempt_at` itself: who finds it in the past may send.
const CLAIM: &str = concat!(
    "with due as materialized (select id from deliveries where channel = $1 and status in ('pending', 'retrying') \
     and next_attempt_at <= $2 order by next_attempt_at limit $3 {skip_locked}) \
     update deliveries set next_attempt_at = $4 where id in (select id from due) returning ",
    columns!()
);

const SORT: &str = "deliveries";

impl Store {
    pub async fn delivery(&self, user: UserId, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        const SQL: &str = concat!("select ", columns!(), " from deliveries where id = $1 and user_id = $2");
        self.db.one(SQL, params![id, user], delivery).await
    }

    /// Newest first.
    pub async fn deliveries(
        &self,
        user: UserId,
        filter: &DeliveryFilter,
        request: &PageRequest,
    ) -> Result<Page<Delivery>, StoreError> {
        const COUNT: &str = "select count(*) as number from deliveries where user_id = $1 \
            and ($2 is null or status = $2) and ($3 is null or channel = $3) and ($4 is null or task_id = $4)";
        const PAGE: &str = concat!(
            "select ",
            columns!(),
            " from deliveries where user_id = $1 and ($2 is null or status = $2) and ($3 is null or channel = $3) \
             and ($4 is null or task_id = $4) and (created_at, id) < ($5, $6) \
             order by created_at desc, id desc limit $7 offset $8"
        );
        let (status, channel) = (filter.status.map(DeliveryStatus::name), filter.channel.map(Channel::name));
        let matching = params![user, status, channel, filter.task_id];
        let total = self.db.one(COUNT, matching.clone(), |row| row.get("number")).await?.unwrap_or(0);
        let cursor = request.parsed_cursor()?;
        let at = cursor.as_ref().map(|cursor| cursor.number_of(SORT)).transpose()?;
        let at = at.map(Timestamp::from_microsecond).transpose().map_err(|_| StoreError::BadCursor)?;
        let (at, id) = (at.unwrap_or(Timestamp::MAX), cursor.map_or(Uuid::max(), |cursor| cursor.id));
        let mut params = matching;
        params.extend(params![at, id, request.limit() + 1, request.offset()]);
        let items = self.db.all(PAGE, params, delivery).await?;
        Ok(Page::cut(items, total, request, |item| {
            Cursor::new(SORT, Key::Number(item.created_at.as_microsecond()), item.id)
        }))
    }

    /// Everything that was or will be told of a task, by moment.
    pub async fn task_deliveries(&self, user: UserId, task: TaskId) -> Result<Vec<Delivery>, StoreError> {
        self.db.all(OF_TASK, params![task, user], delivery).await
    }

    /// Those of any user that wait to be sent on this channel by now; nobody else gets them until `lease_until`.
    pub async fn claim_deliveries(
        &self,
        channel: Channel,
        now: Timestamp,
        limit: u32,
        lease_until: Timestamp,
    ) -> Result<Vec<Delivery>, StoreError> {
        let params = params![channel.name(), now, i64::from(limit), lease_until];
        self.db.write(CLAIM, params, delivery).await
    }
}
