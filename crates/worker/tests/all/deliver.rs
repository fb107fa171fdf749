//! Sending outside of transactions, with a channel that answers as it is told.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::{
    TaskId,
    notification::{Channel as Kind, Delivery, DeliveryStatus, NotificationKind},
};
use store::Commit;
use worker::{
    channel::{Answer, Channel},
    deliver::Deliver,
    run_loop::{Next, Work},
};

use crate::support::{House, both_databases, hours, seconds};

struct Told {
    answer: Mutex<Answer>,
    sent: Mutex<usize>,
}

#[async_trait]
impl Channel for Told {
    fn channel(&self) -> Kind {
        Kind::InApp
    }

    async fn send(&self, _delivery: &Delivery) -> Answer {
        *self.sent.lock().unwrap() += 1;
        self.answer.lock().unwrap().clone()
    }
}

async fn waiting(house: &House, answer: Answer) -> (TaskId, Arc<Told>, Deliver) {
    let task: TaskId = house.app.new_id();
    let delivery = Delivery {
        id: house.app.new_id(),
        user_id: house.user(),
        task_id: task,
        kind: NotificationKind::Due,
        channel: Kind::InApp,
        moment: house.now(),
        status: DeliveryStatus::Pending,
        attempts: 0,
        next_attempt_at: Some(house.now()),
        sent_at: None,
        late: false,
        error: None,
        notification_id: None,
        digest_id: None,
        created_at: house.now(),
    };
    let mut commit = Commit::of(house.user());
    commit.delivery(&delivery);
    house.app.store.commit(commit).await.unwrap();
    let channel = Arc::new(Told { answer: Mutex::new(answer), sent: Mutex::default() });
    let deliver = Deliver::new(house.app.clone(), channel.clone());
    (task, channel, deliver)
}

both_databases! {
    async fn what_is_sent_is_recorded_and_not_sent_again(house: House) {
        let (task, channel, mut deliver) = waiting(&house, Answer::Sent).await;
        assert_eq!(deliver.step().await.unwrap(), Next::Now);
        house.pass(hours(48));
        assert_eq!(deliver.step().await.unwrap(), Next::Idle);
        assert_eq!(*channel.sent.lock().unwrap(), 1);
        let row = house.ledger(task).await.pop().unwrap();
        assert_eq!((row.status, row.attempts), (DeliveryStatus::Sent, 1));
        assert!(row.sent_at.is_some());
    }

    async fn eight_tries_over_about_a_day(house: House) {
        let (task, channel, mut deliver) = waiting(&house, Answer::Later("busy".into())).await;
        let began = house.now();
        loop {
            deliver.step().await.unwrap();
            let row = house.ledger(task).await.pop().unwrap();
            if row.status == DeliveryStatus::Failed {
                assert_eq!((row.attempts, row.error.as_deref(), row.next_attempt_at), (8, Some("busy"), None));
                break;
            }
            assert_eq!(row.status, DeliveryStatus::Retrying);
            assert_eq!(deliver.step().await.unwrap(), Next::Idle, "it waits");
            house.pass(row.next_attempt_at.unwrap().duration_since(house.now()));
        }
        assert_eq!(*channel.sent.lock().unwrap(), 8);
        let took = house.now().duration_since(began);
        assert!((hours(20)..hours(30)).contains(&took), "{took}");
    }

    async fn a_refusal_for_good_is_final(house: House) {
        let (task, _, mut deliver) = waiting(&house, Answer::Never("gone".into())).await;
        deliver.step().await.unwrap();
        assert_eq!(house.ledger_rows(task).await, [("due", "failed", Some("gone".into()))]);
    }

    async fn one_that_died_while_sending_leaves_it_to_the_next(house: House) {
        let (_, channel, mut deliver) = waiting(&house, Answer::Sent).await;
        let now = house.now();
        let claimed = house.app.store.claim_deliveries(Kind::InApp, now, 10, now + seconds(60)).await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert_eq!(deliver.step().await.unwrap(), Next::Idle);
        house.pass(seconds(60));
        assert_eq!(deliver.step().await.unwrap(), Next::Now);
        assert_eq!(*channel.sent.lock().unwrap(), 1);
    }

    async fn completing_the_task_calls_off_what_waits(house: House) {
        let (_, channel, mut deliver) = waiting(&house, Answer::Sent).await;
        let task = house.create(serde_json::json!({ "title": "Tea" })).await;
        let (_, _, _) = waiting(&house, Answer::Sent).await;
        // One that waits for this task.
        let delivery = Delivery {
            id: house.app.new_id(),
            user_id: house.user(),
            task_id: task.id,
            kind: NotificationKind::Due,
            channel: Kind::InApp,
            moment: house.now(),
            status: DeliveryStatus::Retrying,
            attempts: 1,
            next_attempt_at: Some(house.now()),
            sent_at: None,
            late: false,
            error: Some("busy".into()),
            notification_id: None,
            digest_id: None,
            created_at: house.now(),
        };
        let mut commit = Commit::of(house.user());
        commit.delivery(&delivery);
        house.app.store.commit(commit).await.unwrap();
        house.app.complete_task(&house.caller, task.id, None).await.unwrap();
        house.drain().await;
        assert_eq!(house.ledger_rows(task.id).await, [("due", "cancelled", Some("task completed".into()))]);
        deliver.step().await.unwrap();
        assert_eq!(*channel.sent.lock().unwrap(), 2, "the two of other tasks");
    }
}
