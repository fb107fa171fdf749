//! From a due date to what the person sees, and what becomes of it when the task changes.

use serde_json::json;

use crate::support::{both_databases, hours, person, seconds};

both_databases! {
    async fn due_in_five_seconds_is_told_then_and_once(house: House) {
        let task = house.create_due_in("Tea", 5).await;
        house.drain().await;
        assert_eq!(house.told().await, [("due_soon", "Tea".into())], "inside the window it is told at once");

        house.pass_and_drain(seconds(4)).await;
        assert_eq!(house.told().await.len(), 1, "never early");

        house.pass_and_drain(seconds(1)).await;
        house.drain().await;
        assert_eq!(house.told().await, [("due_soon", "Tea".into()), ("due", "Tea".into())]);
        let stored = house.app.store.task(house.user(), task.id).await.unwrap().unwrap();
        assert!(stored.notified);
        let ledger = house.ledger(task.id).await;
        let item = &house.notifications().await[1];
        let row = ledger.iter().find(|row| row.kind.name() == "due").unwrap();
        assert_eq!((row.notification_id, row.attempts, row.late), (Some(item.id), 1, false));
        assert_eq!(item.due_date, task.due_date);
    }

    async fn two_moments_of_the_default_list(house: House) {
        let task = house.create_due_in("Taxes", 3 * 24 * 3600).await;
        house.drain().await;
        assert_eq!(house.told().await, []);
        house.pass_and_drain(hours(48)).await;
        assert_eq!(house.told().await, [("due_soon", "Taxes".into())]);
        house.pass_and_drain(hours(24)).await;
        assert_eq!(house.told().await, [("due_soon", "Taxes".into()), ("due", "Taxes".into())]);
        assert_eq!(house.ledger_rows(task.id).await, [("due_soon", "sent", None), ("due", "sent", None)]);
    }

    async fn completing_calls_off_what_was_planned(house: House) {
        let task = house.create_due_in("Taxes", 48 * 3600).await;
        house.app.complete_task(&house.caller, task.id, None).await.unwrap();
        house.pass_and_drain(hours(50)).await;
        assert_eq!(house.told().await, []);
        let why = Some("task completed".to_owned());
        let rows = house.ledger_rows(task.id).await;
        assert_eq!(rows, [("due_soon", "cancelled", why.clone()), ("due", "cancelled", why)]);
    }

    async fn trashing_calls_off_and_restoring_plans_again(house: House) {
        let task = house.create_due_in("Taxes", 48 * 3600).await;
        house.app.trash_task(&house.caller, task.id, None).await.unwrap();
        house.drain().await;
        let why = Some("task deleted".to_owned());
        let rows = house.ledger_rows(task.id).await;
        assert_eq!(rows, [("due_soon", "cancelled", why.clone()), ("due", "cancelled", why)]);
        house.app.restore_task(&house.caller, task.id, None).await.unwrap();
        house.pass_and_drain(hours(24)).await;
        house.pass_and_drain(hours(24)).await;
        assert_eq!(house.ledger_rows(task.id).await, [("due_soon", "sent", None), ("due", "sent", None)]);
        assert_eq!(house.told().await.len(), 2);
    }

    async fn moving_the_due_date_moves_its_reminders(house: House) {
        let task = house.create_due_in("Taxes", 48 * 3600).await;
        house.drain().await;
        let patch = json!({ "due_date": house.now() + hours(72) });
        house.app.update_task(&house.caller, task.id, &serde_json::from_value(patch).unwrap(), None).await.unwrap();
        house.pass_and_drain(hours(24)).await;
        assert_eq!(house.told().await, [], "its old moment says nothing");
        house.pass_and_drain(hours(24)).await;
        house.pass_and_drain(hours(24)).await;
        assert_eq!(house.told().await, [("due_soon", "Taxes".into()), ("due", "Taxes".into())]);
        let rows = house.ledger_rows(task.id).await;
        let moved = Some("due date moved".to_owned());
        assert_eq!(
            rows,
            [
                ("due_soon", "cancelled", moved.clone()),
                // The old due moment is the new one of due soon.
                ("due", "cancelled", moved),
                ("due_soon", "sent", None),
                ("due", "sent", None)
            ]
        );
    }

    async fn a_due_date_that_moves_away_is_told_again(house: House) {
        let task = house.create_due_in("Tea", 5).await;
        house.pass_and_drain(seconds(5)).await;
        let told = house.told().await.len();
        let patch = json!({ "due_date": house.now() + seconds(60) });
        house.app.update_task(&house.caller, task.id, &serde_json::from_value(patch).unwrap(), None).await.unwrap();
        house.pass_and_drain(seconds(60)).await;
        let dues = house.told().await.into_iter().skip(told).filter(|(kind, _)| *kind == "due").count();
        assert_eq!(dues, 1);
    }

    async fn a_snooze_holds_the_reminder_until_its_end(house: House) {
        let task = house.create_due_in("Tea", 3600).await;
        house.drain().await;
        let until = json!({ "until": house.now() + hours(2) });
        house.app.snooze_task(&house.caller, task.id, &serde_json::from_value(until).unwrap(), None).await.unwrap();
        house.pass_and_drain(hours(1)).await;
        assert_eq!(house.told().await, [("due_soon", "Tea".into())], "the due moment is held");
        house.pass_and_drain(hours(1)).await;
        assert_eq!(house.told().await, [("due_soon", "Tea".into()), ("reminder", "Tea".into())]);
    }

    async fn a_list_of_its_own_replaces_the_default(house: House) {
        let due = house.now() + hours(1);
        let input = json!({ "title": "Call", "due_date": due, "reminders": [{ "minutes_before": 30 }] });
        let task = house.create(input).await;
        house.pass_and_drain(seconds(0)).await;
        assert_eq!(house.told().await, []);
        house.pass_and_drain(seconds(30 * 60)).await;
        house.pass_and_drain(seconds(30 * 60)).await;
        assert_eq!(house.told().await, [("reminder", "Call".into())]);
        assert_eq!(house.ledger_rows(task.id).await, [("reminder", "sent", None)]);
    }

    async fn who_switched_a_kind_off_is_not_told(house: House) {
        let mut preferences = domain::preferences::Preferences::default();
        preferences.in_app.due_soon = false;
        house.app.set_preferences(&house.caller, preferences).await.unwrap();
        let task = house.create_due_in("Tea", 5).await;
        house.drain().await;
        assert_eq!(house.told().await, []);
        house.pass_and_drain(seconds(5)).await;
        assert_eq!(house.told().await, [("due", "Tea".into())]);
        assert_eq!(house.ledger_rows(task.id).await.len(), 1);
    }

    async fn a_late_one_is_told_once_and_marked(house: House) {
        let task = house.create_due_in("Tea", 5).await;
        house.pass_and_drain(hours(3)).await;
        assert_eq!(house.told().await, [("due", "Tea".into())], "due soon gives way to due");
        assert!(house.notifications().await[0].late);
        assert!(house.ledger(task.id).await[0].late);
    }

    async fn many_people_and_many_tasks_at_one_moment(house: House) {
        let others = [person(&house.app, "bob").await, person(&house.app, "cleo").await];
        let due = house.now() + seconds(30);
        for number in 0..150 {
            for caller in others.iter().chain([&house.caller]) {
                let input = json!({ "title": format!("Task {number}"), "due_date": due, "reminders": [{ "minutes_before": 0 }] });
                crate::support::create_as(&house.app, caller, input).await;
            }
        }
        house.pass_and_drain(seconds(30)).await;
        for caller in others.iter().chain([&house.caller]) {
            let unread = house.app.store.unread_count(caller.id()).await.unwrap();
            assert_eq!(unread, 150, "{}", caller.user.name);
        }
    }
}
