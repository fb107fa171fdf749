-- What people are told, and the ledger of how that went.

create table notifications (
    id blob primary key not null,
    user_id blob not null,
    kind text not null,
    task_id blob,                             -- null for a digest; its tasks are in its deliveries
    title text not null,
    due_date text,                            -- as on the wire
    late integer not null,
    created_at integer not null,
    read_at integer,
    snoozed_until integer,
    created_change integer not null,          -- the user's change counter when it was written
    changed integer not null
) strict;

create index notifications_by_created on notifications (user_id, created_at, id);
create index notifications_unread on notifications (user_id, created_at, id) where read_at is null;
create index notifications_created_change on notifications (user_id, created_change);
create index notifications_changed on notifications (user_id, changed);
create index notifications_created on notifications (created_at);

create table deliveries (
    id blob primary key not null,
    user_id blob not null,
    task_id blob not null,
    kind text not null,
    channel text not null,
    moment integer not null,
    status text not null,
    attempts integer not null,
    next_attempt_at integer,
    sent_at integer,
    late integer not null,
    error text,
    notification_id blob,
    digest_id blob,
    created_at integer not null,
    changed integer not null
) strict;

-- Nothing is told twice.
create unique index deliveries_once on deliveries (user_id, channel, task_id, kind, moment);
create index deliveries_by_created on deliveries (user_id, created_at, id);
create index deliveries_task on deliveries (task_id, moment);
create index deliveries_digest on deliveries (digest_id) where digest_id is not null;
create index deliveries_waiting on deliveries (channel, next_attempt_at) where status in ('pending', 'retrying');

-- The analytics consumer's view of the log, one row a task.
create table task_facts (
    task_id blob primary key not null,
    user_id blob not null,
    created_day text not null,
    completed_day text,
    on_time integer,
    deleted integer not null,
    version integer not null
) strict, without rowid;

create index task_facts_created on task_facts (user_id, created_day, deleted);
create index task_facts_completed on task_facts (user_id, completed_day, on_time, deleted);
