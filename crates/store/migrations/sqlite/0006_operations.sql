-- What keeps requests from happening twice, clients in step, and operators informed.

create table idempotency_keys (
    user_id blob not null,
    key text not null,
    fingerprint text not null,
    status integer not null,
    body text not null,
    created_at integer not null,
    primary key (user_id, key)
) strict;

create index idempotency_keys_created on idempotency_keys (created_at);

-- Rows that are gone for good, for those who follow the changes.
create table deleted_rows (
    user_id blob not null,
    changed integer not null,
    kind text not null,
    id blob not null,
    primary key (user_id, changed, kind, id)
) strict, without rowid;

create table audit_log (
    id blob primary key not null,
    user_id blob,
    action text not null,
    address text,
    detail text not null,                     -- JSON
    created_at integer not null
) strict;

create index audit_log_created on audit_log (created_at);
create index audit_log_user on audit_log (user_id, created_at);
