-- What keeps requests from happening twice, clients in step, and operators informed.

create table idempotency_keys (
    user_id uuid not null,
    key text not null,
    fingerprint text not null,
    status bigint not null,
    body text not null,
    created_at timestamptz not null,
    primary key (user_id, key)
);

create index idempotency_keys_created on idempotency_keys (created_at);

-- Rows that are gone for good, for those who follow the changes.
create table deleted_rows (
    user_id uuid not null,
    changed bigint not null,
    kind text not null,
    id uuid not null,
    primary key (user_id, changed, kind, id)
);

create table audit_log (
    id uuid primary key,
    user_id uuid,
    action text not null,
    address text,
    detail jsonb not null,
    created_at timestamptz not null
);

create index audit_log_created on audit_log (created_at);
create index audit_log_user on audit_log (user_id, created_at);
