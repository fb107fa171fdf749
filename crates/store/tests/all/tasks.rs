use domain::{
    Change, Description, Due, ProjectId, Timers, Zone,
    reminder::Reminder,
    task::{Priority, Task, TaskPatch},
    timer::TimerKind,
};
use store::{Commit, CommitError, Duplicate, PageRequest, TaskFilter, TaskStatus};

use crate::support::*;

async fn total(store: &store::Store, user: domain::UserId, status: TaskStatus) -> i64 {
    let filter = TaskFilter { status, ..TaskFilter::default() };
    let page = store.tasks(user, &filter, &PageRequest::first(100)).await.unwrap();
    assert_eq!(page.total, page.items.len() as i64, "the kept number and the rows agree");
    page.total
}

both_databases! {
    async fn a_task_comes_back_as_stored(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let mut full = draft("Ä full «task» with 'quotes' and 🚀");
        full.description = Description::parse("Line 1\nLine 2\t\\ %_").unwrap();
        full.priority = Priority::High;
        full.tags = tags(&["phone", "zürich"]);
        full.project_id = Some(id());
        full.due = due_at("2026-01-15T17:00:00.123456Z");
        full.reminders = Some(vec![Reminder::MinutesBefore(30), Reminder::At(at("2026-01-10T08:00:00Z"))]);
        let full = add_task(&db.store, ann, full).await;
        assert_eq!(read(&db.store, ann, full.id).await, full);

        let mut day = draft("whole day");
        day.due = Some(Due::parse("2026-03-29", Zone::parse("Europe/Berlin").unwrap()).unwrap());
        day.reminders = Some(vec![]);
        day.parent_id = Some(full.id);
        let day = add_task(&db.store, ann, day).await;
        assert_eq!(read(&db.store, ann, day.id).await, day);
        assert_eq!(db.store.subtasks(ann, full.id).await.unwrap(), std::slice::from_ref(&day));

        let plain = add_task(&db.store, ann, draft("plain")).await;
        assert_eq!(read(&db.store, ann, plain.id).await, plain);
        let mut found = db.store.tasks_by_id(ann, &[plain.id, full.id, id()]).await.unwrap();
        found.sort_by_key(|task| task.id);
        assert_eq!(found, [full, plain]);
    }

    async fn every_edit_is_stored(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let mut first = draft("before");
        first.tags = tags(&["a", "b"]);
        first.due = due_at("2026-01-15T17:00:00Z");
        let task = add_task(&db.store, ann, first).await;
        let patch = TaskPatch {
            title: Some(domain::Title::parse("after").unwrap()),
            description: Some(Description::parse("new").unwrap()),
            priority: Some(Priority::Low),
            tags: Some(tags(&["b", "c"])),
            project_id: Some(Some(id())),
            parent_id: Some(Some(id())),
            due: Some(due_at("2026-02-01")),
            reminders: Some(Some(vec![Reminder::MinutesBefore(5)])),
        };
        let change = task.edit(patch, &context(ann)).unwrap();
        assert_eq!(store_change(&db.store, &change).await.unwrap().cursor, Some(2));
        assert_eq!(read(&db.store, ann, change.state.id).await, change.state);
        let tagged = |tag: &str| TaskFilter { tag: Some(tags(&[tag])[0].clone()), ..TaskFilter::default() };
        for (tag, count) in [("a", 0), ("b", 1), ("c", 1)] {
            assert_eq!(db.store.count_tasks(ann, &tagged(tag)).await.unwrap(), count, "{tag}");
        }

        let cleared = TaskPatch { due: Some(None), reminders: Some(None), tags: Some(vec![]), ..TaskPatch::default() };
        let change = change.state.edit(cleared, &context(ann)).unwrap();
        store_change(&db.store, &change).await.unwrap();
        assert_eq!(read(&db.store, ann, change.state.id).await, change.state);
        assert_eq!(db.store.count_tasks(ann, &tagged("b")).await.unwrap(), 0);
        assert_eq!(db.store.timers_of(ann, change.state.id.0).await.unwrap(), []);
    }

    async fn every_turn_of_a_life_is_stored_and_counted(db: TestDb) {
        use TaskStatus::{All, Completed, Open, Trash};
        let ann = add_user(&db.store, "ann").await;
        let counts = async || {
            let store = &db.store;
            (total(store, ann, Open).await, total(store, ann, Completed).await, total(store, ann, Trash).await)
        };
        let mut planned = draft("a life");
        planned.due = due_at("2026-01-15T17:00:00Z");
        let task = add_task(&db.store, ann, planned).await;
        add_task(&db.store, ann, draft("another")).await;
        assert_eq!(counts().await, (2, 0, 0));

        let task = complete(&db.store, task).await;
        assert_eq!(read(&db.store, ann, task.id).await, task);
        assert_eq!(counts().await, (1, 1, 0));
        assert_eq!(db.store.timers_of(ann, task.id.0).await.unwrap(), []);

        let task = trash(&db.store, task).await;
        assert_eq!(read(&db.store, ann, task.id).await, task);
        assert_eq!(counts().await, (1, 0, 1));

        let restored = task.restore(&context(ann));
        store_change(&db.store, &restored).await.unwrap();
        assert_eq!(counts().await, (1, 1, 0));

        let reopened = restored.state.reopen(&context(ann)).unwrap();
        store_change(&db.store, &reopened).await.unwrap();
        assert_eq!(counts().await, (2, 0, 0));
        assert_eq!(total(&db.store, ann, All).await, 2);
        let kinds = async |id: domain::TaskId| {
            let timers = db.store.timers_of(ann, id.0).await.unwrap();
            timers.into_iter().map(|timer| timer.kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds(reopened.state.id).await, [TimerKind::DueSoon, TimerKind::Due]);

        let snoozed = reopened.state.snooze(at("2026-01-16T08:00:00Z"), &context(ann)).unwrap();
        store_change(&db.store, &snoozed).await.unwrap();
        assert_eq!(read(&db.store, ann, snoozed.state.id).await, snoozed.state);
        assert_eq!(kinds(snoozed.state.id).await, [TimerKind::DueSoon, TimerKind::Due, TimerKind::Snooze]);
    }

    /// Nothing of a stale commit is stored: not the row, not its events, not its timers, not the counter.
    async fn a_stale_version_is_a_conflict_that_stores_nothing(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let mut planned = draft("contested");
        planned.due = due_at("2026-01-15T17:00:00Z");
        let task = add_task(&db.store, ann, planned).await;
        let timers = db.store.timers_of(ann, task.id.0).await.unwrap();
        let stale = task.clone().trash(&context(ann));
        let rename = |title: &str| TaskPatch { title: Some(domain::Title::parse(title).unwrap()), ..Default::default() };
        let first = task.edit(rename("mine"), &context(ann)).unwrap();
        store_change(&db.store, &first).await.unwrap();

        let other = Task::create(id(), ann, draft("in the same commit"), &context(ann));
        let mut commit = commit_of(&stale);
        commit.task(&other);
        add_events(&mut commit, &other.events);
        assert!(matches!(db.store.commit(commit).await, Err(CommitError::Conflict)));

        assert_eq!(read(&db.store, ann, first.state.id).await, first.state);
        assert_eq!(db.store.task(ann, other.state.id).await.unwrap(), None);
        assert_eq!(db.store.timers_of(ann, first.state.id.0).await.unwrap(), timers);
        assert_eq!(db.store.change_counter(ann).await.unwrap(), Some(2));
        assert_eq!(db.store.outbox_stats().await.unwrap().depth, 2);
        assert_eq!(db.store.activity(ann, &PageRequest::default()).await.unwrap().total, 2);
        assert_eq!(total(&db.store, ann, TaskStatus::Open).await, 1);
    }

    async fn a_stranger_reads_nothing_and_changes_nothing(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        let task = add_task(&db.store, ann, draft("private")).await;
        assert_eq!(db.store.task(bob, task.id).await.unwrap(), None);
        assert_eq!(db.store.tasks_by_id(bob, &[task.id]).await.unwrap(), []);
        assert_eq!(total(&db.store, bob, TaskStatus::All).await, 0);
        assert_eq!(db.store.task_history(bob, task.id, &PageRequest::default()).await.unwrap().total, 0);

        let mut theirs = task.clone();
        theirs.user_id = bob;
        let steal = theirs.complete(&context(bob)).unwrap();
        assert!(matches!(store_change(&db.store, &steal).await, Err(CommitError::Conflict)));
        assert_eq!(read(&db.store, ann, task.id).await, task);
        assert_eq!(db.store.change_counter(bob).await.unwrap(), Some(0));
    }

    async fn loops_read_the_tasks_of_many(db: TestDb) {
        let (ann, bob, eve) =
            (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await, add_user(&db.store, "eve").await);
        let (of_ann, of_bob) = (add_task(&db.store, ann, draft("a")).await, add_task(&db.store, bob, draft("b")).await);
        let of_eve = add_task(&db.store, eve, draft("e")).await;
        let ids = [of_eve.id, of_bob.id, of_ann.id, id()];
        let mut found = db.store.tasks_of_users(&[bob, ann], &ids).await.unwrap();
        found.sort_by_key(|task| task.id);
        assert_eq!(found, [of_ann, of_bob]);
        let mut users = db.store.users_by_id(&[eve, id(), ann]).await.unwrap();
        users.sort_by_key(|user| user.id);
        assert_eq!(users.iter().map(|user| user.id).collect::<Vec<_>>(), [ann, eve]);
    }

    async fn an_id_is_used_once(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let task = add_task(&db.store, ann, draft("first")).await;
        let again = Task::create(task.id, ann, draft("second"), &context(ann));
        let refused = store_change(&db.store, &again).await.unwrap_err();
        assert!(matches!(refused, CommitError::Duplicate(Duplicate::Id)), "{refused:?}");
        assert_eq!(total(&db.store, ann, TaskStatus::All).await, 1);
    }

    async fn a_slot_has_one_task(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let (rule, slot) = (id(), at("2026-01-05T09:00:00Z"));
        let occurrence = |slot| {
            let mut occurrence = draft("slot");
            occurrence.occurrence = Some((rule, slot));
            occurrence
        };
        let task = add_task(&db.store, ann, occurrence(slot)).await;
        let again = Task::create(id(), ann, occurrence(slot), &context(ann));
        let refused = store_change(&db.store, &again).await.unwrap_err();
        assert!(matches!(refused, CommitError::Duplicate(Duplicate::Slot)), "{refused:?}");

        let later = at("2026-01-06T09:00:00Z");
        let second = add_task(&db.store, ann, occurrence(later)).await;
        assert_eq!(db.store.occurrence(ann, rule, slot).await.unwrap(), Some(task.clone()));
        assert_eq!(db.store.open_occurrences(ann, rule, None).await.unwrap(), [task.clone(), second.clone()]);
        assert_eq!(db.store.open_occurrences(ann, rule, Some(later)).await.unwrap(), std::slice::from_ref(&second));
        complete(&db.store, second).await;
        assert_eq!(db.store.open_occurrences(ann, rule, None).await.unwrap(), [task]);
    }

    /// Ids of one commit need not be in order: the order of writing is kept all the same.
    async fn subtasks_stay_in_the_order_they_were_written(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let parent = add_task(&db.store, ann, draft("parent")).await;
        let (first, second): (domain::TaskId, domain::TaskId) = (id(), id());
        let mut commit = Commit::of(ann);
        for (title, id) in [("wash", second), ("dry", first)] {
            let mut subtask = draft(title);
            subtask.parent_id = Some(parent.id);
            commit.task(&Task::create(id, ann, subtask, &context(ann)));
        }
        db.store.commit(commit).await.unwrap();
        let titles = |tasks: Vec<Task>| tasks.iter().map(|task| task.title.to_string()).collect::<Vec<_>>();
        assert_eq!(titles(db.store.subtasks(ann, parent.id).await.unwrap()), ["wash", "dry"]);

        let wash = read(&db.store, ann, second).await;
        trash(&db.store, wash).await;
        assert_eq!(titles(db.store.subtasks(ann, parent.id).await.unwrap()), ["dry"]);
        assert_eq!(titles(db.store.trashed_subtasks(ann, parent.id).await.unwrap()), ["wash"]);
    }

    async fn many_tasks_change_in_one_commit(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let project: ProjectId = id();
        let mut commit = Commit::of(ann);
        let mut created = Vec::new();
        for number in 0..50 {
            let mut planned = draft(&format!("task {number}"));
            planned.due = due_at("2026-01-15T17:00:00Z");
            planned.tags = tags(&["bulk", &format!("t{}", number % 3)]);
            let change = Task::create(id(), ann, planned, &context(ann));
            commit.task(&change);
            add_events(&mut commit, &change.events);
            created.push(change.state);
        }
        assert_eq!(db.store.commit(commit).await.unwrap().cursor, Some(1));
        assert_eq!(total(&db.store, ann, TaskStatus::Open).await, 50);

        let mut commit = Commit::of(ann);
        let mut expected = Vec::new();
        for (number, task) in created.into_iter().enumerate() {
            let patch = TaskPatch { project_id: Some(Some(project)), tags: Some(tags(&["moved"])), ..Default::default() };
            let change = match number % 3 {
                0 => task.complete(&context(ann)).unwrap(),
                1 => task.edit(patch, &context(ann)).unwrap(),
                _ => task.trash(&context(ann)),
            };
            commit.task(&change);
            add_events(&mut commit, &change.events);
            expected.push(change.state);
        }
        assert_eq!(db.store.commit(commit).await.unwrap().cursor, Some(2));
        for task in &expected {
            assert_eq!(read(&db.store, ann, task.id).await, *task);
        }
        assert_eq!(total(&db.store, ann, TaskStatus::Open).await, 17);
        assert_eq!(total(&db.store, ann, TaskStatus::Completed).await, 17);
        assert_eq!(total(&db.store, ann, TaskStatus::Trash).await, 16);
        assert_eq!(db.store.outbox_stats().await.unwrap().depth, 100);
    }

    async fn a_change_of_nothing_stores_nothing(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let task = add_task(&db.store, ann, draft("as it was")).await;
        let mut commit = Commit::of(ann);
        commit.task(&Change::none(task.clone(), task.version));
        assert!(commit.is_empty());
        assert_eq!(db.store.commit(commit).await.unwrap().cursor, None);
        assert_eq!(db.store.change_counter(ann).await.unwrap(), Some(1));
    }

    async fn replaced_timers_are_gone_and_kept_ones_stay(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let mut planned = draft("moves");
        planned.due = due_at("2026-01-15T17:00:00Z");
        let task = add_task(&db.store, ann, planned).await;
        let rename = TaskPatch { title: Some(domain::Title::parse("renamed").unwrap()), ..Default::default() };
        let change = task.edit(rename, &context(ann)).unwrap();
        assert_eq!(change.timers, Timers::Keep);
        store_change(&db.store, &change).await.unwrap();
        assert_eq!(db.store.timers_of(ann, change.state.id.0).await.unwrap().len(), 2);

        let moved = TaskPatch { due: Some(due_at("2026-01-20T17:00:00Z")), ..Default::default() };
        let change = change.state.edit(moved, &context(ann)).unwrap();
        store_change(&db.store, &change).await.unwrap();
        let Timers::Replace(expected) = change.timers else { panic!("a moved task has new timers") };
        assert_eq!(db.store.timers_of(ann, change.state.id.0).await.unwrap(), expected);
    }
}
