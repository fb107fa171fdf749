use domain::{
    Description, RecurringTaskId, TaskId, Timestamp, Title, UserId, Zone,
    recurrence::{Basis, NthWeekday, Pattern, RecurrenceType, Rule, RuleInput, Start, Weekday},
    recurring_task::{CatchUp, OverridePatch, RecurringTask, RecurringTaskDraft, RecurringTaskPatch},
    task::Priority,
    timer::TimerKind,
};
use store::{Commit, CommitError, DeletedKind, Duplicate, PageRequest, Store};

use crate::support::*;

fn berlin() -> Zone {
    Zone::parse("Europe/Berlin").unwrap()
}

fn rule(pattern: Pattern, start: Start) -> Rule {
    let basis = Basis::Schedule;
    Rule::parse(RuleInput { pattern, start, zone: berlin(), end_date: None, count: None, basis }).unwrap()
}

fn daily() -> Rule {
    rule(Pattern::every(RecurrenceType::Daily, 1), Start::At(at("2026-01-02T08:00:00Z")))
}

fn rule_draft(title: &str, rule: Rule) -> RecurringTaskDraft {
    RecurringTaskDraft {
        title: Title::parse(title).unwrap(),
        description: Description::empty(),
        priority: Priority::Medium,
        tags: vec![],
        project_id: None,
        subtasks: vec![],
        rule,
        catch_up: CatchUp::Latest,
        lead_minutes: 0,
        reminders: None,
    }
}

fn new_task() -> impl FnMut() -> TaskId {
    id
}

async fn add(store: &Store, user: UserId, draft: RecurringTaskDraft) -> RecurringTask {
    let made = RecurringTask::create(id(), user, draft, &context(user), &mut new_task());
    let mut commit = Commit::of(user);
    commit.recurring_task(&made.recurring_task);
    add_events(&mut commit, &made.recurring_task.events);
    for task in &made.tasks {
        commit.task(task);
        add_events(&mut commit, &task.events);
    }
    store.commit(commit).await.unwrap();
    made.recurring_task.state
}

async fn read(store: &Store, user: UserId, id: RecurringTaskId) -> RecurringTask {
    store.recurring_task(user, id).await.unwrap().unwrap()
}

both_databases! {
    async fn every_kind_of_rule_comes_back_as_stored(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let weekly = Pattern {
            weekdays: vec![Weekday::Monday, Weekday::Friday],
            ..Pattern::every(RecurrenceType::Weekly, 2)
        };
        let last_day = Pattern { month_day: Some(-1), ..Pattern::every(RecurrenceType::Monthly, 1) };
        let last_friday = Pattern {
            nth_weekday: Some(NthWeekday { nth: -1, weekday: Weekday::Friday }),
            month: Some(11),
            ..Pattern::every(RecurrenceType::Yearly, 1)
        };
        let start = || Start::At(at("2026-01-05T08:00:00Z"));
        let patterns = [
            rule(Pattern::every(RecurrenceType::Daily, 3), Start::Day("2026-01-05".parse().unwrap())),
            rule(weekly.clone(), start()),
            rule(last_day, start()),
            rule(last_friday, start()),
        ];
        for (number, rule) in patterns.into_iter().enumerate() {
            let stored = add(&db.store, ann, rule_draft(&format!("rule {number}"), rule)).await;
            assert_eq!(read(&db.store, ann, stored.id).await, stored);
        }

        let mut full = rule_draft("full", daily());
        full.rule = Rule::parse(RuleInput {
            pattern: weekly,
            start: start(),
            zone: berlin(),
            end_date: None,
            count: Some(12),
            basis: Basis::Schedule,
        })
        .unwrap();
        full.description = Description::parse("with\neverything").unwrap();
        full.priority = Priority::High;
        full.tags = tags(&["home", "garden"]);
        full.project_id = Some(id());
        full.subtasks = vec![Title::parse("one").unwrap(), Title::parse("two").unwrap()];
        full.catch_up = CatchUp::All;
        full.lead_minutes = 90;
        full.reminders = Some(vec![0, 15]);
        let full = add(&db.store, ann, full).await;
        assert_eq!(read(&db.store, ann, full.id).await, full);

        let mut until = rule_draft("until, from completion", daily());
        until.rule = Rule::parse(RuleInput {
            pattern: Pattern::every(RecurrenceType::Daily, 1),
            start: start(),
            zone: berlin(),
            end_date: Some("2026-03-01".parse().unwrap()),
            count: None,
            basis: Basis::Completion,
        })
        .unwrap();
        let until = add(&db.store, ann, until).await;
        assert_eq!(read(&db.store, ann, until.id).await, until);
    }

    async fn its_life_is_stored(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let context = context(ann);
        let rule = add(&db.store, ann, rule_draft("water", daily())).await;
        let kinds = async || {
            let timers = db.store.timers_of(ann, rule.id.0).await.unwrap();
            timers.into_iter().map(|timer| (timer.kind, timer.fire_at)).collect::<Vec<_>>()
        };
        assert_eq!(kinds().await, [(TimerKind::Slot, at("2026-01-02T08:00:00Z"))]);

        let patch = OverridePatch {
            title: Some(Title::parse("water twice").unwrap()),
            description: Some(Description::parse("d").unwrap()),
            priority: Some(Priority::Low),
            tags: Some(tags(&["x"])),
            due: due_at("2026-01-04T10:00:00Z"),
        };
        let changes = [
            rule.clone().skip(None, &context).unwrap(),
        ];
        let mut state = rule.clone();
        for change in changes {
            let mut commit = Commit::of(ann);
            commit.recurring_task(&change);
            add_events(&mut commit, &change.events);
            db.store.commit(commit).await.unwrap();
            state = change.state;
        }
        let edited = state.edit_slot(at("2026-01-04T08:00:00Z"), patch, &context).unwrap();
        let mut commit = Commit::of(ann);
        commit.recurring_task(&edited);
        db.store.commit(commit).await.unwrap();
        assert_eq!(read(&db.store, ann, rule.id).await, edited.state);
        assert_eq!(kinds().await, [(TimerKind::Slot, at("2026-01-03T08:00:00Z"))]);

        let until = at("2026-02-01T00:00:00Z");
        let paused = edited.state.pause(Some(until), &context).unwrap();
        let mut commit = Commit::of(ann);
        commit.recurring_task(&paused);
        db.store.commit(commit.clone()).await.unwrap();
        assert_eq!(read(&db.store, ann, rule.id).await, paused.state);
        assert_eq!(kinds().await, [(TimerKind::Resume, until)]);
        assert!(matches!(db.store.commit(commit).await, Err(CommitError::Conflict)), "stale");

        let resumed = paused.state.resume(&context);
        let mut commit = Commit::of(ann);
        commit.recurring_task(&resumed);
        db.store.commit(commit).await.unwrap();
        let patch = RecurringTaskPatch { title: Some(Title::parse("renamed").unwrap()), ..Default::default() };
        let renamed = resumed.state.edit(patch, &context);
        let mut commit = Commit::of(ann);
        commit.recurring_task(&renamed);
        db.store.commit(commit).await.unwrap();
        assert_eq!(read(&db.store, ann, rule.id).await, renamed.state);
    }

    /// The slot's timer, the task and the rule that moved on are one commit; a second scheduler's is void.
    async fn a_slot_that_comes_is_made_once(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let mut template = rule_draft("water", daily());
        template.subtasks = vec![Title::parse("front").unwrap(), Title::parse("back").unwrap()];
        let rule = add(&db.store, ann, template).await;
        let slot = at("2026-01-02T08:00:00Z");
        let claims = db.store.claim_due(slot, 10, slot + jiff::SignedDuration::from_secs(60), uuid()).await.unwrap();
        assert_eq!(claims.len(), 1);
        let commit = || {
            let state = rule.clone();
            let made = state.make_occurrences(&context_at(ann, slot), &mut new_task());
            assert_eq!(made.tasks.len(), 3);
            let mut commit = Commit::of(ann);
            commit.claimed(&claims[0]);
            commit.recurring_task(&made.recurring_task);
            made.tasks.iter().for_each(|task| commit.task(task));
            commit
        };
        db.store.commit(commit()).await.unwrap();
        assert!(matches!(db.store.commit(commit()).await, Err(CommitError::Conflict)));
        let occurrence = db.store.occurrence(ann, rule.id, slot).await.unwrap().unwrap();
        let titles: Vec<_> =
            db.store.subtasks(ann, occurrence.id).await.unwrap().iter().map(|task| task.title.to_string()).collect();
        assert_eq!(titles, ["front", "back"]);
        let timers = db.store.timers_of(ann, rule.id.0).await.unwrap();
        assert_eq!(timers.iter().map(|timer| timer.fire_at).collect::<Vec<Timestamp>>(), [at("2026-01-03T08:00:00Z")]);

        // Without the claim, too, the slot itself is unique.
        let made = rule.clone().make_occurrences(&context_at(ann, slot), &mut new_task());
        let mut replay = Commit::of(ann);
        made.tasks.iter().for_each(|task| replay.task(task));
        let refused = db.store.commit(replay).await.unwrap_err();
        assert!(matches!(refused, CommitError::Duplicate(Duplicate::Slot)), "{refused:?}");
    }

    async fn a_deleted_one_is_gone_and_told(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        let rule = add(&db.store, ann, rule_draft("gone", daily())).await;
        assert_eq!(db.store.recurring_task(bob, rule.id).await.unwrap(), None);
        let since = db.store.change_counter(ann).await.unwrap().unwrap();
        let change = rule.clone().delete(&context(ann));
        let mut commit = Commit::of(ann);
        commit.delete_recurring_task(&change);
        add_events(&mut commit, &change.events);
        db.store.commit(commit.clone()).await.unwrap();
        assert_eq!(db.store.recurring_task(ann, rule.id).await.unwrap(), None);
        assert_eq!(db.store.timers_of(ann, rule.id.0).await.unwrap(), []);
        let changes = db.store.changes(ann, since, 10).await.unwrap();
        assert_eq!(changes.deleted.len(), 1);
        assert_eq!((changes.deleted[0].kind, changes.deleted[0].id), (DeletedKind::RecurringTask, rule.id.0));
        let history = db.store.recurring_task_history(ann, rule.id, &PageRequest::default()).await.unwrap();
        assert_eq!(history.total, 2, "its history stays");
        assert!(matches!(db.store.commit(commit).await, Err(CommitError::Conflict)));
    }

    async fn they_are_listed_newest_first(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let mut stored = Vec::new();
        for number in 0..5 {
            stored.push(add(&db.store, ann, rule_draft(&format!("rule {number}"), daily())).await);
        }
        let paused = stored[2].clone().pause(None, &context(ann)).unwrap();
        let mut commit = Commit::of(ann);
        commit.recurring_task(&paused);
        db.store.commit(commit).await.unwrap();
        stored[2] = paused.state;
        let list = async |active, request: PageRequest| db.store.recurring_tasks(ann, active, &request).await.unwrap();
        let first = list(None, PageRequest::first(3)).await;
        assert_eq!((first.total, first.items.len()), (5, 3));
        let second = list(None, PageRequest::after(first.next_cursor.unwrap(), 3)).await;
        let mut all = [first.items, second.items].concat();
        all.reverse();
        assert_eq!(all, stored);
        assert_eq!(list(Some(true), PageRequest::first(9)).await.total, 4);
        assert_eq!(list(Some(false), PageRequest::first(9)).await.items, [stored[2].clone()]);
        assert_eq!(db.store.all_recurring_tasks(ann).await.unwrap(), stored);
    }
}
