-- People, and how they sign in.
--
-- There are no foreign keys to users: every commit of a user first raises the user's counter, and is void if that row
-- is gone. Deleting an account deletes that row first.

create table users (
    id uuid primary key,
    email text not null constraint users_email unique, -- lower case
    name text not null,
    password_hash text not null,
    time_zone text not null,
    all_day_time text not null,               -- 'HH:MM:SS', local
    is_admin boolean not null,
    is_disabled boolean not null,
    preferences jsonb not null,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create index users_created on users (created_at, id);

-- What each of a user's commits touches. Apart from users, so that the row stays small; with room on each page, so
-- that its new versions stay on it.
create table user_counters (
    user_id uuid primary key,
    change_counter bigint not null default 0,
    open_tasks bigint not null default 0,
    completed_tasks bigint not null default 0,
    trashed_tasks bigint not null default 0
) with (fillfactor = 50);

create table access_tokens (
    id uuid primary key,
    user_id uuid not null,
    kind text not null,                       -- 'session' or 'api'
    name text not null,
    token_hash bytea not null constraint access_tokens_token_hash unique,
    scopes text not null,                     -- separated by spaces
    user_agent text,
    address text,
    created_at timestamptz not null,
    last_used_at timestamptz,
    expires_at timestamptz,
    idle_expires_at timestamptz,
    revoked_at timestamptz
);

create index access_tokens_user on access_tokens (user_id, kind);

create table sign_in_attempts (
    subject text primary key,                 -- 'account:…' or 'address:…'
    failures bigint not null,
    blocked_until timestamptz,
    updated_at timestamptz not null
);

-- How a commit that is one statement undoes itself: a guard that did not touch what it must raises an error.
create function todo_expect(touched bigint, wanted bigint, refusal text) returns bigint language plpgsql as $$
begin
    if touched <> wanted then
        raise exception using errcode = 'TD001', message = refusal;
    end if;
    return touched;
end
$$;
