use store::Store;

use crate::support::*;

both_databases! {
    async fn migrating_twice_changes_nothing(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let schema = db.store.schema().await.unwrap();
        assert!(schema.is_current());
        assert!(schema.known > 0);
        db.store.migrate().await.unwrap();
        assert_eq!(db.store.schema().await.unwrap(), schema);
        assert!(db.store.user(ann).await.unwrap().is_some());
    }

    async fn many_processes_may_migrate_at_once(db: TestDb) {
        let others = futures::future::join_all((0..4).map(|_| db.another())).await;
        let migrating = others.iter().map(Store::migrate);
        for outcome in futures::future::join_all(migrating).await {
            outcome.unwrap();
        }
    }

    async fn the_database_tells_of_itself(db: TestDb) {
        db.store.ping().await.unwrap();
        assert!(db.store.size().await.unwrap() > 0);
        assert!(!db.store.server_version().await.unwrap().is_empty());
        assert_eq!(db.store.integrity_check().await.unwrap(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn an_empty_file_has_no_schema_yet() {
    let folder = tempfile::tempdir().unwrap();
    let options = store::StoreOptions::sqlite(folder.path().join("new.db"));
    let store = Store::open(options).await.unwrap();
    let schema = store.schema().await.unwrap();
    assert_eq!(schema.applied, 0);
    assert!(!schema.is_current());
}
