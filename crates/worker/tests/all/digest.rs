//! Many late reminders of one person.

use domain::notification::NotificationKind;

use crate::support::{both_databases, hours, person, seconds};

both_databases! {
    async fn more_than_ten_late_ones_fold_into_one_digest(house: House) {
        let mut tasks = Vec::new();
        for number in 0..25 {
            tasks.push(house.create_due_in(&format!("Task {number}"), 60 + number).await.id);
        }
        house.drain().await;
        let before = house.told().await.len();
        assert_eq!(before, 25, "each is due soon");

        house.pass_and_drain(hours(5)).await;
        let told: Vec<_> = house.notifications().await.into_iter().skip(before).collect();
        assert_eq!(told.len(), 1);
        let digest = &told[0];
        assert_eq!((digest.kind, digest.title.as_str()), (NotificationKind::Digest, "25 late reminders"));
        assert!(digest.late && digest.task_id.is_none());
        assert_eq!(digest.task_ids, tasks, "in due order");
        for task in tasks {
            let ledger = house.ledger(task).await;
            let due = ledger.iter().find(|row| row.kind == NotificationKind::Due).unwrap();
            assert_eq!((due.digest_id, due.notification_id, due.late), (Some(digest.id), None, true));
        }
    }

    async fn ten_late_ones_are_told_one_by_one(house: House) {
        for number in 0..10 {
            house.create_due_in(&format!("Task {number}"), 60).await;
        }
        house.pass_and_drain(hours(5)).await;
        let told = house.told().await;
        assert_eq!(told.len(), 10);
        assert!(told.iter().all(|(kind, _)| *kind == "due"), "{told:?}");
    }

    async fn what_tells_nothing_does_not_count(house: House) {
        // Both timers of each are late, but only due is told: ten in all.
        for number in 0..10 {
            house.create_due_in(&format!("Task {number}"), 60).await;
        }
        house.pass_and_drain(hours(5)).await;
        assert!(house.told().await.iter().all(|(kind, _)| *kind != "digest"));
    }

    async fn a_digest_is_of_one_person(house: House) {
        let bob = person(&house.app, "bob").await;
        let due = house.now() + seconds(60);
        for number in 0..12 {
            house.create_due_in(&format!("Task {number}"), 60).await;
        }
        let input = serde_json::json!({ "title": "Bob's", "due_date": due });
        crate::support::create_as(&house.app, &bob, input).await;
        house.pass_and_drain(hours(5)).await;
        assert_eq!(house.told().await, [("digest", "12 late reminders".into())]);
        let bobs = house.notifications_of(bob.id()).await;
        assert_eq!(bobs.len(), 1);
        assert_eq!(bobs[0].title, "Bob's");
    }

    async fn a_flood_that_fills_many_batches_is_one_digest(house: House) {
        for number in 0..700 {
            house.create_due_in(&format!("Task {number}"), 60).await;
        }
        house.pass_and_drain(hours(5)).await;
        assert_eq!(house.told().await, [("digest", "700 late reminders".into())]);
        assert_eq!(house.notifications().await[0].task_ids.len(), 700);
    }
}
