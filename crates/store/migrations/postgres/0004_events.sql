-- The event log, what is still to be published of it, and what became of it at its consumers.

create table task_events (
    seq bigint generated always as identity,  -- of one user: the order of commits
    id uuid primary key,
    task_id uuid,
    recurring_task_id uuid,
    user_id uuid not null,
    event_type text not null,
    event_data json not null,                 -- the finished CloudEvent, byte for byte: json keeps them, jsonb does not
    created_at timestamptz not null
);

create index task_events_task on task_events (task_id, seq) where task_id is not null;
create index task_events_recurring_task on task_events (recurring_task_id, seq) where recurring_task_id is not null;
create index task_events_user on task_events (user_id, seq);
-- Written in order of time, nearly: a few pages of index do for millions of rows.
create index task_events_created on task_events using brin (created_at);
create index task_events_seq on task_events (seq);

create table outbox (
    seq bigint generated always as identity primary key,
    event_id uuid not null,
    topic text not null,
    key text not null
);

create index outbox_event on outbox (event_id);

create table inbox (
    consumer text not null,
    event_id uuid not null,
    created_at timestamptz not null,
    primary key (consumer, event_id)
);

create index inbox_created on inbox (created_at);

create table dead_letters (
    id uuid primary key,
    consumer text not null,
    event_id uuid,
    topic text not null,
    key text not null,
    payload text not null,
    error text not null,
    attempts bigint not null,
    created_at timestamptz not null
);

create table leases (
    name text primary key,
    holder uuid not null,
    epoch bigint not null,
    expires_at timestamptz not null
);
