//! The loops as they run: woken by hints, stopped in order.

use std::{sync::Arc, time::Duration};

use bus::Embedded;
use worker::{GROUPS, Roles, Workers};

use crate::support::{House, both_databases};

/// Until the person has so many notifications.
async fn until_told(house: &House, number: usize) {
    let mut hints = house.app.store.hints();
    let told = async {
        while house.notifications().await.len() < number {
            // Missing some is fine: another look follows.
            let _ = hints.recv().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), told).await.expect("they must be told within a minute");
}

both_databases! {
    async fn what_is_due_is_told_without_anybody_asking(house: House) {
        let bus = Arc::new(Embedded::new(&GROUPS));
        let workers = Workers::start(&house.app, bus, &Roles::serve());
        house.create_due_in("Tea", 5).await;
        until_told(&house, 1).await;
        assert_eq!(house.told().await, [("due_soon", "Tea".into())]);
        workers.stop().await;
    }

    async fn after_a_stop_the_next_ones_go_on(house: House) {
        let bus = Arc::new(Embedded::new(&GROUPS));
        let workers = Workers::start(&house.app, bus.clone(), &Roles::serve());
        house.create_due_in("One", 5).await;
        until_told(&house, 1).await;
        workers.stop().await;
        house.create_due_in("Two", 5).await;
        let workers = Workers::start(&house.app, bus, &Roles::serve());
        until_told(&house, 2).await;
        workers.stop().await;
        assert_eq!(house.told().await.len(), 2);
    }

    async fn two_processes_share_the_work(house: House) {
        let one = Workers::start(&house.app, Arc::new(Embedded::new(&GROUPS)), &Roles::serve());
        let two = Workers::start(&house.app, Arc::new(Embedded::new(&GROUPS)), &Roles::serve());
        for number in 0..30 {
            house.create_due_in(&format!("Task {number}"), 5).await;
        }
        until_told(&house, 30).await;
        one.stop().await;
        two.stop().await;
        assert_eq!(house.told().await.len(), 30);
    }
}
