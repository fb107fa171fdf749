use std::collections::BTreeSet;

use domain::{
    Description, DueState, Timestamp, UserId,
    task::{Priority, Task},
};
use store::{Order, PageRequest, SortKey, Store, StoreError, TaskFilter, TaskSort, TaskStatus};

use crate::support::*;

async fn titles(store: &Store, user: UserId, filter: &TaskFilter) -> Vec<String> {
    let page = store.tasks(user, filter, &PageRequest::first(100)).await.unwrap();
    assert_eq!(page.total, page.items.len() as i64);
    page.items.iter().map(|task| task.title.to_string()).collect()
}

/// Tasks a to e, created a minute apart; e is completed, and f is in the trash.
async fn filled(store: &Store) -> UserId {
    let ann = add_user(store, "ann").await;
    let bob = add_user(store, "bob").await;
    add_task(store, bob, draft("bob's")).await;
    let project = project();
    let rows: [(&str, Option<&str>, Priority, &[&str]); 6] = [
        ("a", Some("2026-01-01T11:00:00Z"), Priority::High, &["x"]),
        ("B", Some("2026-01-02T11:00:00Z"), Priority::Low, &["x", "y"]),
        ("c", Some("2026-01-03T12:00:00Z"), Priority::Medium, &[]),
        ("d", None, Priority::Medium, &["y"]),
        ("e", Some("2026-01-01T01:00:00Z"), Priority::High, &["x"]),
        ("f", Some("2026-01-01T01:00:00Z"), Priority::High, &["x"]),
    ];
    for (minute, (title, due, priority, names)) in rows.into_iter().enumerate() {
        let mut planned = draft(title);
        planned.due = due.and_then(due_at);
        planned.priority = priority;
        planned.tags = tags(names);
        planned.project_id = (title == "B").then_some(project);
        planned.description = Description::parse(if title == "c" { "Ärger 100%_sure" } else { "" }).unwrap();
        let created = at("2025-12-01T00:00:00Z") + jiff::SignedDuration::from_mins(minute as i64);
        let change = Task::create(id(), ann, planned, &context_at(ann, created));
        store_change(store, &change).await.unwrap();
        match title {
            "e" => drop(complete(store, change.state).await),
            "f" => drop(trash(store, change.state).await),
            _ => {}
        }
    }
    ann
}

fn project() -> domain::ProjectId {
    domain::ProjectId(uuid::Uuid::from_u128(77))
}

fn by(by: SortKey, order: Order) -> TaskFilter {
    TaskFilter { sort: TaskSort::new(by, order), now: now(), ..TaskFilter::default() }
}

both_databases! {
    async fn filters_narrow_the_list(db: TestDb) {
        let ann = filled(&db.store).await;
        let all = || by(SortKey::Created, Order::Ascending);
        let cases = [
            ("a B c d e", all()),
            ("a B c d", TaskFilter { status: TaskStatus::Open, ..all() }),
            ("e", TaskFilter { status: TaskStatus::Completed, ..all() }),
            ("f", TaskFilter { status: TaskStatus::Trash, ..all() }),
            ("a", TaskFilter { due_state: Some(DueState::Overdue), ..all() }),
            ("B", TaskFilter { due_state: Some(DueState::DueSoon), ..all() }),
            ("c", TaskFilter { due_state: Some(DueState::Upcoming), ..all() }),
            ("d e", TaskFilter { due_state: Some(DueState::None), ..all() }),
            ("a e", TaskFilter { priority: Some(Priority::High), ..all() }),
            ("B d", TaskFilter { tag: Some(tags(&["y"])[0].clone()), ..all() }),
            ("B", TaskFilter { project_id: Some(Some(project())), ..all() }),
            ("a c d e", TaskFilter { project_id: Some(None), ..all() }),
            ("a B c d e", TaskFilter { parent_id: Some(None), ..all() }),
            ("", TaskFilter { parent_id: Some(Some(id())), ..all() }),
            ("", TaskFilter { recurring_task_id: Some(id()), ..all() }),
            ("B c", TaskFilter { due_from: Some(at("2026-01-02T11:00:00Z")), ..all() }),
            ("a B e", TaskFilter { due_to: Some(at("2026-01-02T11:00:00Z")), ..all() }),
            ("c", TaskFilter { q: Some("ÄRGER".into()), ..all() }),
            ("c", TaskFilter { q: Some(" sure  C ".into()), ..all() }),
            ("c", TaskFilter { q: Some("100%_".into()), ..all() }),
            ("", TaskFilter { q: Some("100__".into()), ..all() }),
            ("B", TaskFilter { q: Some("b".into()), ..all() }),
            ("a B c d e", TaskFilter { q: Some("  ".into()), ..all() }),
            ("a", TaskFilter { status: TaskStatus::Open, priority: Some(Priority::High), ..all() }),
        ];
        for (expected, filter) in cases {
            assert_eq!(titles(&db.store, ann, &filter).await.join(" "), expected, "{filter:?}");
        }
    }

    async fn every_sort_goes_both_ways_and_through_cursors(db: TestDb) {
        let ann = filled(&db.store).await;
        let cases = [
            ("a B c d e", SortKey::Created, Order::Ascending),
            ("e d c B a", SortKey::Created, Order::Descending),
            ("e a B c d", SortKey::Due, Order::Ascending),
            ("c B a e d", SortKey::Due, Order::Descending),
            ("a e c d B", SortKey::Priority, Order::Ascending),
            ("B d c e a", SortKey::Priority, Order::Descending),
            ("a B c d e", SortKey::Title, Order::Ascending),
            ("e d c B a", SortKey::Title, Order::Descending),
            ("a B c d e", SortKey::Updated, Order::Ascending),
            ("e d c B a", SortKey::Updated, Order::Descending),
            ("e a B c d", SortKey::Completed, Order::Ascending),
            ("e d c B a", SortKey::Completed, Order::Descending),
        ];
        for (expected, key, order) in cases {
            let filter = by(key, order);
            assert_eq!(titles(&db.store, ann, &filter).await.join(" "), expected, "{key:?} {order:?}");
            for size in [1, 2, 3] {
                let mut request = PageRequest::first(size);
                let mut seen = Vec::new();
                loop {
                    let page = db.store.tasks(ann, &filter, &request).await.unwrap();
                    assert_eq!(page.total, 5);
                    seen.extend(page.items.iter().map(|task| task.title.to_string()));
                    match page.next_cursor {
                        Some(cursor) => request = PageRequest::after(cursor, size),
                        None => break,
                    }
                }
                assert_eq!(seen.join(" "), expected, "{key:?} {order:?} by {size}");
            }
            let second = PageRequest { page: 2, page_size: 2, cursor: None };
            let page = db.store.tasks(ann, &filter, &second).await.unwrap();
            let numbered: Vec<_> = page.items.iter().map(|task| task.title.to_string()).collect();
            assert_eq!(numbered, expected.split(' ').skip(2).take(2).collect::<Vec<_>>(), "{key:?} {order:?}");
        }
    }

    async fn a_cursor_of_another_list_is_refused(db: TestDb) {
        let ann = filled(&db.store).await;
        let created = by(SortKey::Created, Order::Ascending);
        let page = db.store.tasks(ann, &created, &PageRequest::first(1)).await.unwrap();
        let request = PageRequest::after(page.next_cursor.unwrap(), 1);
        for other in [by(SortKey::Due, Order::Ascending), by(SortKey::Created, Order::Descending)] {
            assert!(matches!(db.store.tasks(ann, &other, &request).await, Err(StoreError::BadCursor)));
        }
        let nonsense = PageRequest::after("nonsense", 1);
        assert!(matches!(db.store.tasks(ann, &created, &nonsense).await, Err(StoreError::BadCursor)));
    }

    /// Rows with one instant are told apart by their ids, so that no page repeats or skips any.
    async fn equal_keys_are_paged_without_loss(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        for number in 0..25 {
            add_task(&db.store, ann, draft(&format!("same instant {number}"))).await;
        }
        for key in [SortKey::Created, SortKey::Due, SortKey::Priority, SortKey::Completed] {
            for order in [Order::Ascending, Order::Descending] {
                let (mut seen, mut request) = (BTreeSet::new(), PageRequest::first(7));
                loop {
                    let page = db.store.tasks(ann, &by(key, order), &request).await.unwrap();
                    for task in page.items {
                        assert!(seen.insert(task.id), "twice");
                    }
                    let Some(cursor) = page.next_cursor else { break };
                    request = PageRequest::after(cursor, 7);
                }
                assert_eq!(seen.len(), 25, "{key:?} {order:?}");
            }
        }
    }

    async fn exports_walk_everything_that_is_not_in_the_trash(db: TestDb) {
        let ann = filled(&db.store).await;
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let tasks = db.store.tasks_after(ann, after, 2).await.unwrap();
            let Some(last) = tasks.last() else { break };
            after = Some(last.id.0);
            seen.extend(tasks.iter().map(|task| task.title.to_string()));
        }
        assert_eq!(seen, ["a", "B", "c", "d", "e"]);
    }

    async fn far_dates_sort_before_none(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        add_task(&db.store, ann, draft("none")).await;
        let mut far = draft("far");
        far.due = due_at("8999-12-31T23:59:59Z");
        add_task(&db.store, ann, far).await;
        let filter = TaskFilter { sort: TaskSort::new(SortKey::Due, Order::Ascending), ..TaskFilter::default() };
        assert_eq!(titles(&db.store, ann, &filter).await, ["far", "none"]);
        let until = TaskFilter { due_to: Some(Timestamp::MAX), ..filter };
        assert_eq!(titles(&db.store, ann, &until).await, ["far"]);
    }
}
