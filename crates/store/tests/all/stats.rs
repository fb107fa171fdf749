use domain::Zone;
use store::{Commit, DayCount, TaskFact};

use crate::support::*;

both_databases! {
    async fn the_numbers_of_a_person(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        for due in ["2026-01-01T11:00:00Z", "2026-01-01T12:00:00Z", "2026-01-02T12:00:00Z", "2026-01-02T12:00:01Z"] {
            let mut planned = draft(due);
            planned.due = due_at(due);
            add_task(&db.store, ann, planned).await;
        }
        let done = add_task(&db.store, ann, draft("done")).await;
        complete(&db.store, done).await;
        let date = |text: &str| text.parse::<jiff::civil::Date>().unwrap();
        let facts = [
            ("2025-12-31", Some("2026-01-01"), Some(true), false),
            ("2025-12-31", Some("2026-01-01"), Some(false), false),
            ("2025-12-30", None, None, false),
            ("2025-06-01", Some("2025-06-02"), None, false),
            ("2025-12-31", Some("2026-01-01"), Some(true), true),
        ];
        let mut commit = Commit::of(ann);
        for (created, completed, on_time, deleted) in facts {
            commit.task_fact(&TaskFact {
                task_id: id(),
                user_id: ann,
                created_day: date(created),
                completed_day: completed.map(date),
                on_time,
                deleted,
                version: 1,
            });
        }
        db.store.commit(commit).await.unwrap();

        let stats = db.store.stats(ann, now(), 3, &Zone::utc()).await.unwrap();
        assert_eq!((stats.open, stats.due_soon, stats.overdue), (4, 1, 2));
        assert_eq!((stats.created, stats.completed, stats.completed_on_time), (4, 3, 1));
        let day = |text, created, completed| DayCount { date: date(text), created, completed };
        assert_eq!(stats.days, [day("2025-12-30", 1, 0), day("2025-12-31", 2, 0), day("2026-01-01", 0, 2)]);
        let zeros = db.store.stats(bob, now(), 1, &Zone::utc()).await.unwrap();
        assert_eq!((zeros.open, zeros.created, zeros.days.len()), (0, 0, 1));
    }
}
