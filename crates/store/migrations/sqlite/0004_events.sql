-- The event log, what is still to be published of it, and what became of it at its consumers.

create table task_events (
    seq integer primary key,                  -- of one user: the order of commits
    id blob not null unique,
    task_id blob,
    recurring_task_id blob,
    user_id blob not null,
    event_type text not null,
    event_data text not null,                 -- the finished CloudEvent, byte for byte
    created_at integer not null
) strict;

create index task_events_task on task_events (task_id, seq) where task_id is not null;
create index task_events_recurring_task on task_events (recurring_task_id, seq) where recurring_task_id is not null;
create index task_events_user on task_events (user_id, seq);
create index task_events_created on task_events (created_at);

-- A number is never used again, so that a reader may remember how far it came.
create table outbox (
    seq integer primary key autoincrement,
    event_id blob not null,
    topic text not null,
    key text not null
) strict;

create index outbox_event on outbox (event_id);

create table inbox (
    consumer text not null,
    event_id blob not null,
    created_at integer not null,
    primary key (consumer, event_id)
) strict, without rowid;

create index inbox_created on inbox (created_at);

create table dead_letters (
    id blob primary key not null,
    consumer text not null,
    event_id blob,
    topic text not null,
    key text not null,
    payload text not null,
    error text not null,
    attempts integer not null,
    created_at integer not null
) strict;

create table leases (
    name text primary key not null,
    holder blob not null,
    epoch integer not null,
    expires_at integer not null
) strict, without rowid;
