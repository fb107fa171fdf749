//! The facts that statistics are made of.

use serde_json::json;

use crate::support::{both_databases, hours};

both_databases! {
    async fn days_are_those_of_the_person(house: House) {
        // 23:30 UTC is the next day in Berlin.
        house.pass(hours(11) + jiff::SignedDuration::from_mins(30));
        let task = house.create_due_in("Late owl", 3600).await;
        house.drain().await;
        let fact = house.app.store.task_fact(house.user(), task.id).await.unwrap().unwrap();
        assert_eq!((fact.created_day.to_string().as_str(), fact.completed_day), ("2026-01-02", None));
        house.app.complete_task(&house.caller, task.id, None).await.unwrap();
        house.drain().await;
        let fact = house.app.store.task_fact(house.user(), task.id).await.unwrap().unwrap();
        assert_eq!(fact.completed_day.map(|day| day.to_string()).as_deref(), Some("2026-01-02"));
        assert_eq!(fact.on_time, Some(true));
    }

    async fn on_time_is_by_the_due_date_and_nothing_without_one(house: House) {
        let late = house.create_due_in("Late", 60).await;
        let whole_day = house.create(json!({ "title": "Today", "due_date": "2026-01-01" })).await;
        let open = house.create(json!({ "title": "Some day" })).await;
        house.pass(hours(2));
        for task in [&late, &whole_day, &open] {
            house.app.complete_task(&house.caller, task.id, None).await.unwrap();
        }
        house.drain().await;
        let mut on_time = Vec::new();
        for task in [&late, &whole_day, &open] {
            let fact = house.app.store.task_fact(house.user(), task.id).await.unwrap().unwrap();
            on_time.push(fact.on_time);
        }
        assert_eq!(on_time, [Some(false), Some(true), None]);
    }

    async fn trash_counts_as_deleted_and_comes_back(house: House) {
        let task = house.create(json!({ "title": "Old" })).await;
        house.app.trash_task(&house.caller, task.id, None).await.unwrap();
        house.drain().await;
        assert!(house.app.store.task_fact(house.user(), task.id).await.unwrap().unwrap().deleted);
        house.app.restore_task(&house.caller, task.id, None).await.unwrap();
        house.drain().await;
        assert!(!house.app.store.task_fact(house.user(), task.id).await.unwrap().unwrap().deleted);
    }
}
