-- Tasks, and how people sort them.
--
-- `changed` is the user's change counter when the row last changed. The indexes over lists are partial: a task that is
-- done leaves the ones over open tasks, so that years of finished work cost an open list nothing. Keys to sort by are
-- lower case already and compared by code point, as SQLite does.

create table projects (
    id uuid primary key,
    user_id uuid not null,
    name text not null,
    name_key text collate "C" not null,       -- lower case
    color text,
    archived_at timestamptz,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    changed bigint not null
);

create unique index projects_name on projects (user_id, name_key);
create index projects_changed on projects (user_id, changed);

create table tasks (
    seq bigint generated always as identity,  -- the order in which they were written
    id uuid primary key,
    user_id uuid not null,
    title text not null,
    description text not null,
    priority bigint not null,
    tags jsonb not null,
    project_id uuid,
    parent_id uuid,
    due_date timestamptz,                     -- the deadline: the instant, or the end of the whole day
    due_day date,                             -- of a whole day only
    due_time_zone text,
    reminders jsonb,                          -- null for the default list
    snoozed_until timestamptz,
    completed_at timestamptz,
    recurring_task_id uuid,
    slot timestamptz,
    notified boolean not null,
    version bigint not null,
    changed bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    title_key text collate "C" not null,      -- lower case, to sort by
    search_text text not null                 -- title and description, lower case
);

create index tasks_by_created on tasks (user_id, created_at, id) where deleted_at is null;
create index tasks_open_by_created on tasks (user_id, created_at, id, project_id)
    where deleted_at is null and completed_at is null;
create index tasks_open_by_due on tasks (user_id, coalesce(due_date, timestamptz '9999-01-01 00:00:00+00'), id)
    where deleted_at is null and completed_at is null;
create index tasks_completed on tasks (user_id, coalesce(completed_at, timestamptz '1970-01-01 00:00:00+00'), id)
    where deleted_at is null and completed_at is not null;
create index tasks_trash on tasks (deleted_at) where deleted_at is not null;
create index tasks_trash_of on tasks (user_id, created_at, id) where deleted_at is not null;
create index tasks_by_parent on tasks (parent_id) where parent_id is not null;
create index tasks_changed on tasks (user_id, changed);
-- An occurrence cannot be made twice. Subtasks stand for no slot.
create unique index tasks_slot on tasks (recurring_task_id, slot)
    where recurring_task_id is not null and parent_id is null;

create table tags (
    user_id uuid not null,
    name text collate "C" not null,
    created_at timestamptz not null,
    changed bigint not null,
    primary key (user_id, name)
);

create table task_tags (
    task_id uuid not null,
    tag text collate "C" not null,
    user_id uuid not null,
    primary key (task_id, tag)
);

create index task_tags_tag on task_tags (user_id, tag, task_id);
