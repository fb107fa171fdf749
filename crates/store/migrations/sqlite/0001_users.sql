-- People, and how they sign in.
--
-- Instants are microseconds since 1970, UUIDs are BLOBs of 16 bytes, dates are 'YYYY-MM-DD'.
--
-- There are no foreign keys to users: every commit of a user first raises the user's counter, and is void if that row
-- is gone. Deleting an account deletes that row first.

create table users (
    id blob primary key not null,
    email text not null unique,               -- lower case
    name text not null,
    password_hash text not null,
    time_zone text not null,
    all_day_time text not null,               -- 'HH:MM:SS', local
    is_admin integer not null,
    is_disabled integer not null,
    preferences text not null,                -- JSON
    version integer not null,
    created_at integer not null,
    updated_at integer not null
) strict;

create index users_created on users (created_at, id);

-- What each of a user's commits touches. Apart from users, so that the row stays small.
create table user_counters (
    user_id blob primary key not null,
    change_counter integer not null default 0,
    open_tasks integer not null default 0,
    completed_tasks integer not null default 0,
    trashed_tasks integer not null default 0
) strict, without rowid;

create table access_tokens (
    id blob primary key not null,
    user_id blob not null,
    kind text not null,                       -- 'session' or 'api'
    name text not null,
    token_hash blob not null unique,
    scopes text not null,                     -- separated by spaces
    user_agent text,
    address text,
    created_at integer not null,
    last_used_at integer,
    expires_at integer,
    idle_expires_at integer,
    revoked_at integer
) strict;

create index access_tokens_user on access_tokens (user_id, kind);

create table sign_in_attempts (
    subject text primary key not null,        -- 'account:…' or 'address:…'
    failures integer not null,
    blocked_until integer,
    updated_at integer not null
) strict, without rowid;
