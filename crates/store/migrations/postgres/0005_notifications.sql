-- What people are told, and the ledger of how that went.

create table notifications (
    id uuid primary key,
    user_id uuid not null,
    kind text not null,
    task_id uuid,                             -- null for a digest; its tasks are in its deliveries
    title text not null,
    due_date text,                            -- as on the wire
    late boolean not null,
    created_at timestamptz not null,
    read_at timestamptz,
    snoozed_until timestamptz,
    created_change bigint not null,           -- the user's change counter when it was written
    changed bigint not null
);

create index notifications_by_created on notifications (user_id, created_at, id);
create index notifications_unread on notifications (user_id, created_at, id) where read_at is null;
create index notifications_created_change on notifications (user_id, created_change);
create index notifications_changed on notifications (user_id, changed);
create index notifications_created on notifications (created_at);

create table deliveries (
    id uuid primary key,
    user_id uuid not null,
    task_id uuid not null,
    kind text not null,
    channel text not null,
    moment timestamptz not null,
    status text not null,
    attempts bigint not null,
    next_attempt_at timestamptz,
    sent_at timestamptz,
    late boolean not null,
    error text,
    notification_id uuid,
    digest_id uuid,
    created_at timestamptz not null,
    changed bigint not null
);

-- Nothing is told twice.
create unique index deliveries_once on deliveries (user_id, channel, task_id, kind, moment);
create index deliveries_by_created on deliveries (user_id, created_at, id);
create index deliveries_task on deliveries (task_id, moment);
create index deliveries_digest on deliveries (digest_id) where digest_id is not null;
create index deliveries_waiting on deliveries (channel, next_attempt_at) where status in ('pending', 'retrying');

-- The analytics consumer's view of the log, one row a task.
create table task_facts (
    task_id uuid primary key,
    user_id uuid not null,
    created_day date not null,
    completed_day date,
    on_time boolean,
    deleted boolean not null,
    version bigint not null
);

create index task_facts_created on task_facts (user_id, created_day, deleted);
create index task_facts_completed on task_facts (user_id, completed_day, on_time, deleted);
