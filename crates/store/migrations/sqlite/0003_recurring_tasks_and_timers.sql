-- Rules from which tasks are made, and the moments at which something must happen.

create table recurring_tasks (
    id blob primary key not null,
    user_id blob not null,
    title text not null,
    description text not null,
    priority integer not null,
    tags text not null,                       -- JSON
    project_id blob,
    subtasks text not null,                   -- JSON: titles
    recurrence_type text not null,
    recurrence_interval integer not null,
    weekdays text not null,                   -- JSON
    month_day integer,
    nth_weekday text,                         -- JSON
    month integer,
    basis text not null,
    time_zone text not null,
    start_date integer not null,              -- the instant at which it starts
    start_day text,                           -- of a rule of whole days only
    end_date text,
    count integer,
    catch_up text not null,
    lead_minutes integer not null,
    reminders text,                           -- JSON: minutes before; null for the default list
    is_active integer not null,
    is_paused integer not null,
    paused_until integer,
    next_due_at integer,
    last_slot integer,
    last_created_at integer,
    slots_passed integer not null,
    exceptions text not null,                 -- JSON
    split_from blob,
    version integer not null,
    changed integer not null,
    created_at integer not null,
    updated_at integer not null
) strict;

create index recurring_tasks_by_created on recurring_tasks (user_id, created_at, id);
create index recurring_tasks_changed on recurring_tasks (user_id, changed);

create table timers (
    id integer primary key,
    kind text not null,
    subject blob not null,                    -- the task or the recurring task
    user_id blob not null,
    moment integer not null,
    fire_at integer not null,
    claim blob,                               -- who holds it …
    claimed_until integer                     -- … and until when
) strict;

create index timers_fire on timers (fire_at);
create index timers_subject on timers (subject);
create index timers_user on timers (user_id, fire_at);
