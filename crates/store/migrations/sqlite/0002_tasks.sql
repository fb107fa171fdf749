-- Tasks, and how people sort them.
--
-- `changed` is the user's change counter when the row last changed. The indexes over lists are partial: a task that is
-- done leaves the ones over open tasks, so that years of finished work cost an open list nothing.

create table projects (
    id blob primary key not null,
    user_id blob not null,
    name text not null,
    name_key text not null,                   -- lower case
    color text,
    archived_at integer,
    version integer not null,
    created_at integer not null,
    updated_at integer not null,
    changed integer not null
) strict;

create unique index projects_name on projects (user_id, name_key);
create index projects_changed on projects (user_id, changed);

create table tasks (
    seq integer primary key,                  -- the order in which they were written
    id blob not null unique,
    user_id blob not null,
    title text not null,
    description text not null,
    priority integer not null,
    tags text not null,                       -- JSON
    project_id blob,
    parent_id blob,
    due_date integer,                         -- the deadline: the instant, or the end of the whole day
    due_day text,                             -- of a whole day only
    due_time_zone text,
    reminders text,                           -- JSON; null for the default list
    snoozed_until integer,
    completed_at integer,
    recurring_task_id blob,
    slot integer,
    notified integer not null,
    version integer not null,
    changed integer not null,
    created_at integer not null,
    updated_at integer not null,
    deleted_at integer,
    title_key text not null,                  -- lower case, to sort by
    search_text text not null                 -- title and description, lower case
) strict;

create index tasks_by_created on tasks (user_id, created_at, id) where deleted_at is null;
create index tasks_open_by_created on tasks (user_id, created_at, id, project_id)
    where deleted_at is null and completed_at is null;
create index tasks_open_by_due on tasks (user_id, coalesce(due_date, 253370764800000000), id)
    where deleted_at is null and completed_at is null;
create index tasks_completed on tasks (user_id, coalesce(completed_at, 0), id)
    where deleted_at is null and completed_at is not null;
create index tasks_trash on tasks (deleted_at) where deleted_at is not null;
create index tasks_trash_of on tasks (user_id, created_at, id) where deleted_at is not null;
create index tasks_by_parent on tasks (parent_id) where parent_id is not null;
create index tasks_changed on tasks (user_id, changed);
-- An occurrence cannot be made twice. Subtasks stand for no slot.
create unique index tasks_slot on tasks (recurring_task_id, slot)
    where recurring_task_id is not null and parent_id is null;

create table tags (
    user_id blob not null,
    name text not null,
    created_at integer not null,
    changed integer not null,
    primary key (user_id, name)
) strict, without rowid;

create table task_tags (
    task_id blob not null,
    tag text not null,
    user_id blob not null,
    primary key (task_id, tag)
) strict, without rowid;

create index task_tags_tag on task_tags (user_id, tag, task_id);
