use domain::{
    ProjectName, UserId,
    project::{Color, Project},
};
use store::{Commit, CommitError, DeletedKind, Duplicate, TagCount};

use crate::support::*;

fn project(user: UserId, name: &str) -> Project {
    Project {
        id: id(),
        user_id: user,
        name: ProjectName::parse(name).unwrap(),
        color: Some(Color::parse("teal").unwrap()),
        archived_at: None,
        version: 1,
        created_at: now(),
        updated_at: now(),
    }
}

both_databases! {
    async fn projects_come_back_by_name(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        let (work, home) = (project(ann, "Work"), project(ann, "Ähome"));
        let mut commit = Commit::of(ann);
        commit.project(&work, 0);
        commit.project(&home, 0);
        db.store.commit(commit).await.unwrap();
        assert_eq!(db.store.projects(ann).await.unwrap(), [work.clone(), home]);
        assert_eq!(db.store.project(ann, work.id).await.unwrap(), Some(work.clone()));
        assert_eq!(db.store.project(bob, work.id).await.unwrap(), None);

        let edited = Project {
            name: ProjectName::parse("Deep work").unwrap(),
            color: None,
            archived_at: Some(now()),
            version: 2,
            updated_at: at("2026-01-02T00:00:00Z"),
            ..work
        };
        let mut commit = Commit::of(ann);
        commit.project(&edited, 1);
        db.store.commit(commit.clone()).await.unwrap();
        assert_eq!(db.store.project(ann, edited.id).await.unwrap(), Some(edited));
        assert!(matches!(db.store.commit(commit).await, Err(CommitError::Conflict)));
    }

    async fn a_name_is_taken_once_by_each_user_whatever_its_case(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        for (user, name, taken) in [(ann, "Öffentlich", false), (ann, "ÖFFENTLICH", true), (bob, "öffentlich", false)] {
            let mut commit = Commit::of(user);
            commit.project(&project(user, name), 0);
            let outcome = db.store.commit(commit).await;
            let refused = matches!(outcome, Err(CommitError::Duplicate(Duplicate::ProjectName)));
            assert_eq!(refused, taken, "{name}: {outcome:?}");
        }
    }

    async fn what_was_in_a_deleted_project_moves_to_the_inbox(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let project = project(ann, "Work");
        let mut commit = Commit::of(ann);
        commit.project(&project, 0);
        db.store.commit(commit).await.unwrap();
        let mut inside = draft("inside");
        inside.project_id = Some(project.id);
        let task = add_task(&db.store, ann, inside).await;
        add_task(&db.store, ann, draft("outside")).await;
        let mut counts = db.store.open_by_project(ann).await.unwrap();
        counts.sort();
        assert_eq!(counts, [(None, 1), (Some(project.id), 1)]);

        let since = db.store.change_counter(ann).await.unwrap().unwrap();
        let mut commit = Commit::of(ann);
        commit.delete_project(ann, project.id, 1);
        db.store.commit(commit.clone()).await.unwrap();
        assert_eq!(db.store.project(ann, project.id).await.unwrap(), None);
        let moved = read(&db.store, ann, task.id).await;
        assert_eq!((moved.project_id, moved.version), (None, 2));
        let changes = db.store.changes(ann, since, 10).await.unwrap();
        assert_eq!(changes.tasks, [moved]);
        assert_eq!(changes.deleted[0].kind, DeletedKind::Project);
        assert!(matches!(db.store.commit(commit).await, Err(CommitError::Conflict)));
    }

    async fn tags_are_remembered_and_counted(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        for (title, names) in [("one", &["x", "y"][..]), ("two", &["x"]), ("three", &["z"])] {
            let mut tagged = draft(title);
            tagged.tags = tags(names);
            let task = add_task(&db.store, ann, tagged).await;
            if title == "three" {
                complete(&db.store, task).await;
            }
        }
        let [x, y, z, w] = tags(&["x", "y", "z", "w"]).try_into().unwrap();
        let mut commit = Commit::of(ann);
        commit.know_tag(ann, &w, now());
        commit.know_tag(ann, &x, now());
        db.store.commit(commit).await.unwrap();
        let count = |name: &domain::Tag, open| TagCount { name: name.clone(), open };
        let expected = [count(&w, 0), count(&x, 2), count(&y, 1), count(&z, 0)];
        assert_eq!(db.store.tags(ann).await.unwrap(), expected);
        assert_eq!(db.store.tags(bob).await.unwrap(), []);

        let mut commit = Commit::of(ann);
        commit.forget_tag(ann, &w);
        db.store.commit(commit).await.unwrap();
        assert_eq!(db.store.tags(ann).await.unwrap(), expected[1..]);
        let mut commit = Commit::of(ann);
        commit.forget_tag(ann, &x);
        assert!(matches!(db.store.commit(commit).await, Err(CommitError::Conflict)), "tasks carry it");
    }
}
