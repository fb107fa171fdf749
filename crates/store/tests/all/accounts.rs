use domain::{PersonName, TokenId};
use store::{AuditEntry, Commit, CommitError, Duplicate, IdempotencyRecord, PageRequest, Token, TokenKind};

use crate::support::*;

both_databases! {
    async fn a_user_comes_back_as_stored(db: TestDb) {
        let mut user = user_named("ann");
        user.is_admin = true;
        user.preferences.in_app.due_soon = false;
        user.all_day_time = "07:30".parse().unwrap();
        let mut commit = Commit::system();
        commit.create_user(&user, "secret hash");
        assert_eq!(db.store.commit(commit).await.unwrap().cursor, None);

        assert_eq!(db.store.user(user.id).await.unwrap(), Some(user.clone()));
        let credentials = db.store.user_by_email(&user.email).await.unwrap().unwrap();
        assert_eq!((credentials.user.clone(), credentials.password_hash.as_str()), (user.clone(), "secret hash"));
        assert_eq!(db.store.credentials(user.id).await.unwrap(), Some(credentials));
        assert_eq!(db.store.change_counter(user.id).await.unwrap(), Some(0));
        assert_eq!(db.store.user(id()).await.unwrap(), None);
    }

    async fn an_address_is_taken_once(db: TestDb) {
        add_user(&db.store, "ann").await;
        let mut commit = Commit::system();
        commit.create_user(&user_named("ann"), "hash");
        let refused = db.store.commit(commit).await.unwrap_err();
        assert!(matches!(refused, CommitError::Duplicate(Duplicate::Email)), "{refused:?}");
        assert_eq!(db.store.count_users().await.unwrap(), 1);
    }

    async fn a_profile_changes_under_its_version(db: TestDb) {
        let id = add_user(&db.store, "ann").await;
        let mut user = db.store.user(id).await.unwrap().unwrap();
        user.name = PersonName::parse("Ann Other").unwrap();
        user.is_disabled = true;
        user.version = 2;
        let mut commit = Commit::of(id);
        commit.update_user(&user, 1, now());
        assert_eq!(db.store.commit(commit.clone()).await.unwrap().cursor, Some(1));
        assert_eq!(db.store.user(id).await.unwrap(), Some(user));
        assert!(matches!(db.store.commit(commit).await, Err(CommitError::Conflict)));
        assert_eq!(db.store.change_counter(id).await.unwrap(), Some(1));

        let mut commit = Commit::of(id);
        commit.password(id, "new hash", now());
        db.store.commit(commit).await.unwrap();
        let credentials = db.store.credentials(id).await.unwrap().unwrap();
        assert_eq!((credentials.password_hash.as_str(), credentials.user.version), ("new hash", 3));
    }

    async fn users_are_paged_in_the_order_they_came(db: TestDb) {
        let mut ids = Vec::new();
        for name in ["a", "b", "c"] {
            ids.push(add_user(&db.store, name).await);
        }
        let first = db.store.users(&PageRequest::first(2)).await.unwrap();
        assert_eq!((first.total, first.items.len()), (3, 2));
        let second = db.store.users(&PageRequest::after(first.next_cursor.unwrap(), 2)).await.unwrap();
        assert_eq!(second.items.iter().map(|user| user.id).collect::<Vec<_>>(), ids[2..]);
        assert_eq!(second.next_cursor, None);
    }

    async fn tokens_are_found_by_hash_until_they_are_revoked(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        let token = Token {
            id: id(),
            user_id: ann,
            kind: TokenKind::Session,
            name: "Firefox".into(),
            scopes: vec!["read".into(), "write".into()],
            user_agent: Some("Mozilla".into()),
            address: None,
            created_at: now(),
            last_used_at: None,
            expires_at: Some(at("2026-02-01T00:00:00Z")),
            idle_expires_at: None,
        };
        let other = Token { id: id(), ..token.clone() };
        let api = Token { id: id(), kind: TokenKind::Api, ..token.clone() };
        let mut commit = Commit::of(ann);
        commit.token(&token, b"hash 1");
        commit.token(&other, b"hash 2");
        commit.token(&api, b"hash 3");
        db.store.commit(commit).await.unwrap();

        let (found, user) = db.store.token_by_hash(b"hash 1").await.unwrap().unwrap();
        assert_eq!((&found, user.id), (&token, ann));
        assert_eq!(db.store.token_by_hash(b"hash 4").await.unwrap(), None);
        assert_eq!(db.store.tokens(ann, TokenKind::Api).await.unwrap(), std::slice::from_ref(&api));
        assert_eq!(db.store.tokens(bob, TokenKind::Session).await.unwrap(), []);

        let (used, idle) = (at("2026-01-02T00:00:00Z"), at("2026-01-09T00:00:00Z"));
        db.store.touch_token(token.id, used, Some(idle)).await.unwrap();
        let (found, _) = db.store.token_by_hash(b"hash 1").await.unwrap().unwrap();
        assert_eq!((found.last_used_at, found.idle_expires_at), (Some(used), Some(idle)));

        let mut stranger = Commit::of(bob);
        stranger.revoke_token(bob, token.id, now());
        assert!(matches!(db.store.commit(stranger).await, Err(CommitError::Conflict)));
        let mut commit = Commit::of(ann);
        commit.revoke_tokens(ann, TokenKind::Session, Some(other.id), now());
        db.store.commit(commit).await.unwrap();
        assert_eq!(db.store.token_by_hash(b"hash 1").await.unwrap(), None);
        assert!(db.store.token_by_hash(b"hash 2").await.unwrap().is_some());
        assert!(db.store.token_by_hash(b"hash 3").await.unwrap().is_some());
        let mut commit = Commit::of(ann);
        commit.revoke_token(ann, api.id, now());
        db.store.commit(commit.clone()).await.unwrap();
        assert_eq!(db.store.token_by_hash(b"hash 3").await.unwrap(), None);
        assert!(matches!(db.store.commit(commit).await, Err(CommitError::Conflict)), "revoked already");
    }

    async fn a_token_hash_is_unique(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let token = |id: TokenId| Token {
            id,
            user_id: ann,
            kind: TokenKind::Api,
            name: "t".into(),
            scopes: vec![],
            user_agent: None,
            address: None,
            created_at: now(),
            last_used_at: None,
            expires_at: None,
            idle_expires_at: None,
        };
        let mut commit = Commit::of(ann);
        commit.token(&token(id()), b"same");
        db.store.commit(commit).await.unwrap();
        let mut commit = Commit::of(ann);
        commit.token(&token(id()), b"same");
        let refused = db.store.commit(commit).await.unwrap_err();
        assert!(matches!(refused, CommitError::Duplicate(Duplicate::Token)), "{refused:?}");
    }

    async fn failed_sign_ins_are_counted_until_one_succeeds(db: TestDb) {
        let store = &db.store;
        assert_eq!(store.sign_in_attempts("account:x").await.unwrap(), None);
        let many = (0..20).map(|_| store.record_sign_in_failure("account:x", now()));
        let mut counts: Vec<i64> = futures::future::try_join_all(many).await.unwrap();
        counts.sort_unstable();
        assert_eq!(counts, (1..=20).collect::<Vec<i64>>());
        let (soon, later) = (at("2026-01-01T12:01:00Z"), at("2026-01-01T13:00:00Z"));
        store.block_sign_in("account:x", later).await.unwrap();
        store.block_sign_in("account:x", soon).await.unwrap();
        let attempts = store.sign_in_attempts("account:x").await.unwrap().unwrap();
        assert_eq!((attempts.failures, attempts.blocked_until), (20, Some(later)), "a block never gets shorter");
        store.clear_sign_in_attempts("account:x").await.unwrap();
        assert_eq!(store.sign_in_attempts("account:x").await.unwrap(), None);
    }

    async fn a_key_is_used_once_and_takes_its_commit_with_it(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        let record = |user| IdempotencyRecord {
            user_id: user,
            key: "k".into(),
            fingerprint: "f".into(),
            status: 201,
            body: r#"{"id": 1}"#.into(),
            created_at: now(),
        };
        let create = |user| {
            let change = domain::task::Task::create(id(), user, draft("once"), &context(user));
            let mut commit = commit_of(&change);
            commit.idempotency(&record(user));
            (commit, change.state.id)
        };
        let (first, _) = create(ann);
        db.store.commit(first).await.unwrap();
        assert_eq!(db.store.idempotency(ann, "k").await.unwrap(), Some(record(ann)));
        assert_eq!(db.store.idempotency(bob, "k").await.unwrap(), None);

        let (second, task) = create(ann);
        let refused = db.store.commit(second).await.unwrap_err();
        assert!(matches!(refused, CommitError::Duplicate(Duplicate::IdempotencyKey)), "{refused:?}");
        assert_eq!(db.store.task(ann, task).await.unwrap(), None);
        assert_eq!(db.store.change_counter(ann).await.unwrap(), Some(1));
        let (other, _) = create(bob);
        db.store.commit(other).await.unwrap();
    }

    async fn the_audit_log_tells_newest_first(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let entry = |user, action: &str, second| AuditEntry {
            id: uuid(),
            user_id: user,
            action: action.into(),
            address: Some("127.0.0.1".into()),
            detail: serde_json::json!({ "why": ["a", 1] }),
            created_at: domain::Timestamp::from_second(second).unwrap(),
        };
        let entries = [entry(Some(ann), "sign-in", 1), entry(None, "sign-in.failed", 2), entry(Some(ann), "x", 3)];
        let mut commit = Commit::system();
        entries.iter().for_each(|entry| commit.audit(entry));
        db.store.commit(commit).await.unwrap();
        let [first, second, third] = entries;
        assert_eq!(db.store.audit_log(None, 2).await.unwrap(), [third.clone(), second]);
        assert_eq!(db.store.audit_log(Some(ann), 10).await.unwrap(), [third, first]);
    }

    async fn a_deleted_account_leaves_nothing_and_can_write_nothing(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        let task = add_task(&db.store, ann, draft("gone soon")).await;
        let kept = add_task(&db.store, bob, draft("stays")).await;
        let mut commit = Commit::system();
        commit.delete_user(ann);
        db.store.commit(commit.clone()).await.unwrap();
        assert_eq!(db.store.user(ann).await.unwrap(), None);
        assert_eq!(db.store.task(ann, task.id).await.unwrap(), None);
        assert_eq!(db.store.outbox_stats().await.unwrap().depth, 1, "bob's event");
        assert_eq!(read(&db.store, bob, kept.id).await, kept);
        assert!(matches!(db.store.commit(commit).await, Err(CommitError::Conflict)), "there is nobody to delete");

        let late = domain::task::Task::create(id(), ann, draft("too late"), &context(ann));
        assert!(matches!(store_change(&db.store, &late).await, Err(CommitError::Conflict)));
    }
}
