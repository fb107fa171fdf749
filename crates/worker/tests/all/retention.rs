//! What goes, and when.

use serde_json::json;
use worker::{
    retention::Retention,
    run_loop::{Next, Work},
};

use crate::support::{both_databases, hours, seconds};

both_databases! {
    async fn trash_goes_after_thirty_days(house: House) {
        let old = house.create(json!({ "title": "Old" })).await;
        house.app.trash_task(&house.caller, old.id, None).await.unwrap();
        house.pass(hours(24));
        let newer = house.create(json!({ "title": "Newer" })).await;
        house.app.trash_task(&house.caller, newer.id, None).await.unwrap();
        house.drain().await;
        house.pass(hours(29 * 24) + seconds(1));
        let mut retention = Retention::new(house.app.clone());
        while retention.step().await.unwrap() == Next::Now {}
        assert!(house.app.store.task(house.user(), old.id).await.unwrap().is_none());
        assert!(house.app.store.task(house.user(), newer.id).await.unwrap().is_some());
    }

    async fn the_inbox_goes_after_eight_days_and_not_before(house: House) {
        house.create_due_in("Tea", 5).await;
        house.drain().await;
        let log = house.app.store.event_log(0, 10).await.unwrap();
        let ids: Vec<_> = log.into_iter().map(|(_, id)| id).collect();
        let mut retention = Retention::new(house.app.clone());
        house.pass(hours(8 * 24));
        while retention.step().await.unwrap() == Next::Now {}
        assert!(!house.app.store.seen("notifications", &ids).await.unwrap().is_empty());
        house.pass(hours(1));
        while retention.step().await.unwrap() == Next::Now {}
        assert!(house.app.store.seen("notifications", &ids).await.unwrap().is_empty());
    }

    async fn it_runs_once_an_hour(house: House) {
        let mut retention = Retention::new(house.app.clone());
        let began = house.now();
        while retention.step().await.unwrap() == Next::Now {}
        assert_eq!(retention.step().await.unwrap(), Next::At(began + hours(1)));
        house.pass(hours(1));
        assert_eq!(retention.step().await.unwrap(), Next::Now);
    }
}
