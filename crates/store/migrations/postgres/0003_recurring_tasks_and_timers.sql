-- Rules from which tasks are made, and the moments at which something must happen.

create table recurring_tasks (
    id uuid primary key,
    user_id uuid not null,
    title text not null,
    description text not null,
    priority bigint not null,
    tags jsonb not null,
    project_id uuid,
    subtasks jsonb not null,                  -- titles
    recurrence_type text not null,
    recurrence_interval bigint not null,
    weekdays jsonb not null,
    month_day bigint,
    nth_weekday jsonb,
    month bigint,
    basis text not null,
    time_zone text not null,
    start_date timestamptz not null,          -- the instant at which it starts
    start_day date,                           -- of a rule of whole days only
    end_date date,
    count bigint,
    catch_up text not null,
    lead_minutes bigint not null,
    reminders jsonb,                          -- minutes before; null for the default list
    is_active boolean not null,
    is_paused boolean not null,
    paused_until timestamptz,
    next_due_at timestamptz,
    last_slot timestamptz,
    last_created_at timestamptz,
    slots_passed bigint not null,
    exceptions jsonb not null,
    split_from uuid,
    version bigint not null,
    changed bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create index recurring_tasks_by_created on recurring_tasks (user_id, created_at, id);
create index recurring_tasks_changed on recurring_tasks (user_id, changed);

-- With room on each page, so that a claim, which no index covers, stays on it.
create table timers (
    id bigint generated always as identity primary key,
    kind text not null,
    subject uuid not null,                    -- the task or the recurring task
    user_id uuid not null,
    moment timestamptz not null,
    fire_at timestamptz not null,
    claim uuid,                               -- who holds it …
    claimed_until timestamptz                 -- … and until when
) with (fillfactor = 70);

create index timers_fire on timers (fire_at);
create index timers_subject on timers (subject);
create index timers_user on timers (user_id, fire_at);
