//! `/api/tasks`.

use serde_json::{Value, json};
use testkit::{TestApp, both_databases};

both_databases! {
    /// The specification's example, to the letter.
    async fn a_task_with_a_due_date(app: TestApp) {
        app.set_time("2025-01-10T12:00:00Z").await;
        let ann = app.user("ann").await;
        let body = json!({"title": "Complete project proposal", "due_date": "2025-01-15T17:00:00Z"});
        let made = ann.post("/api/tasks", body).await.expect(201);
        assert_eq!(made["title"], "Complete project proposal");
        assert_eq!(made["due_date"], "2025-01-15T17:00:00Z");
        assert_eq!(made["priority"], 2);
        assert_eq!(made["completed"], false);
        assert_eq!(made["notified"], false);
        assert_eq!(made["recurring_task_id"], Value::Null);
        assert_eq!(made["due_state"], "upcoming");
        assert_eq!(made.header("location"), format!("/api/tasks/{}", made.id()));
        assert_eq!(made.header("etag"), "\"1\"");
        let read = ann.get(&format!("/api/tasks/{}", made.id())).await.expect(200);
        assert_eq!(read.body, made.body);
    }

    async fn due_soon_within_a_day_and_overdue_after(app: TestApp) {
        let ann = app.user("ann").await;
        let task = ann.task("Pay rent", Some("2026-01-17T09:00:00Z")).await;
        let path = format!("/api/tasks/{}", task.id());
        for (at, state) in [
            ("2026-01-16T08:59:59Z", "upcoming"),
            ("2026-01-16T09:00:00Z", "due_soon"),
            ("2026-01-17T08:59:59Z", "due_soon"),
            ("2026-01-17T09:00:00Z", "overdue"),
        ] {
            app.set_time(at).await;
            assert_eq!(ann.get(&path).await.expect(200)["due_state"], state, "{at}");
            let listed = ann.get(&format!("/api/tasks?due_state={state}")).await.expect(200);
            assert_eq!(listed["total"], 1, "{at}");
        }
        ann.patch(&format!("{path}/complete"), Value::Null).await.expect(200);
        assert_eq!(ann.get(&path).await.expect(200)["due_state"], "none");
    }

    async fn put_and_patch_change_what_they_name(app: TestApp) {
        let ann = app.user("ann").await;
        let body = json!({"title": "Buy milk", "description": "two", "tags": ["Shop"], "due_date": "2026-02-01", "priority": 1});
        let task = ann.post("/api/tasks", body).await.expect(201);
        let path = format!("/api/tasks/{}", task.id());
        let changed = ann.patch(&path, json!({"title": "Buy oat milk"})).await.expect(200);
        assert_eq!((&changed["title"], &changed["description"]), (&json!("Buy oat milk"), &json!("two")));
        assert_eq!(changed["tags"], json!(["shop"]));
        let cleared = ann.put(&path, json!({"due_date": null, "description": null})).await.expect(200);
        assert_eq!(cleared["due_date"], Value::Null);
        assert_eq!(cleared["priority"], 1, "PUT leaves what it does not name");
        assert_eq!(cleared.version(), 3);
        // What changes nothing raises no version.
        assert_eq!(ann.patch(&path, json!({"title": "Buy oat milk"})).await.expect(200).version(), 3);
        ann.patch(&path, json!({"title": "Stale"})).if_match(2).await.expect_problem(412, "stale");
        let etag = "\"3\"";
        assert_eq!(ann.get(&path).header("if-none-match", etag).await.status, 304);
    }

    async fn completing_writes_history_and_calls_reminders_off(app: TestApp) {
        let ann = app.user("ann").await;
        let task = ann.task("Pay rent", Some("2026-01-18T09:00:00Z")).await;
        let path = format!("/api/tasks/{}", task.id());
        let done = ann.patch(&format!("{path}/complete"), Value::Null).await.expect(200);
        assert_eq!(done["completed"], true);
        assert_eq!(done["completed_at"], "2026-01-15T09:00:00Z");
        let again = ann.patch(&format!("{path}/complete"), Value::Null).await.expect(200);
        assert_eq!(again.version(), done.version(), "completing twice changes nothing");
        app.drain().await;
        let ledger = ann.get(&format!("{path}/deliveries")).await.expect(200);
        let rows: Vec<_> = ledger["items"].as_array().unwrap().iter().map(|row| (&row["kind"], &row["status"])).collect();
        assert_eq!(rows.len(), 2, "{}", ledger.text);
        assert!(rows.iter().all(|(_, status)| **status == "cancelled"), "{}", ledger.text);
        app.advance_hours(24 * 7).await;
        assert!(ann.told().await.is_empty());
        let history = ann.get(&format!("{path}/history")).await.expect(200);
        let types: Vec<_> = history["items"].as_array().unwrap().iter().map(|e| e["event_type"].as_str().unwrap()).collect();
        assert_eq!(types, ["todo.task.completed.v1", "todo.task.created.v1"]);
        assert_eq!(history["items"][0]["actor"]["kind"], "user");
        assert_eq!(history["items"][0]["event_data"]["specversion"], "1.0");
    }

    async fn reopening_plans_what_still_lies_ahead(app: TestApp) {
        let ann = app.user("ann").await;
        let task = ann.task("Pay rent", Some("2026-01-18T09:00:00Z")).await;
        let path = format!("/api/tasks/{}", task.id());
        ann.patch(&format!("{path}/complete"), Value::Null).await.expect(200);
        app.drain().await;
        ann.patch(&format!("{path}/reopen"), Value::Null).await.expect(200);
        app.advance_hours(24 * 7).await;
        assert_eq!(ann.told().await, [("due_soon".into(), "Pay rent".into()), ("due".into(), "Pay rent".into())]);
    }

    async fn the_trash_keeps_for_thirty_days(app: TestApp) {
        let ann = app.user("ann").await;
        let task = ann.task("Pay rent", Some("2026-01-18T09:00:00Z")).await;
        let path = format!("/api/tasks/{}", task.id());
        ann.delete(&path).await.expect(204);
        ann.get(&path).await.expect_problem(404, "not-found");
        ann.patch(&path, json!({"title": "Ghost"})).await.expect(404);
        ann.get(&format!("{path}/history")).await.expect(200);
        assert_eq!(ann.get("/api/tasks").await.expect(200)["total"], 0);
        assert_eq!(ann.get("/api/tasks?status=trash").await.expect(200)["total"], 1);
        app.advance_hours(24 * 2).await;
        assert!(ann.told().await.is_empty());
        let restored = ann.patch(&format!("{path}/restore"), Value::Null).await.expect(200);
        assert_eq!(restored["deleted_at"], Value::Null);
        app.advance_hours(24 * 2).await;
        assert_eq!(ann.told().await.len(), 2, "what lay ahead is planned again");
    }

    async fn subtasks_go_one_level_deep_and_along_with_their_task(app: TestApp) {
        let ann = app.user("ann").await;
        let parent = ann.task("Move house", None).await;
        let child = |title: &str| ann.post("/api/tasks", json!({"title": title, "parent_id": parent.id()}));
        let boxes = child("Buy boxes").await.expect(201);
        let van = child("Rent a van").await.expect(201);
        let deeper = json!({"title": "Deeper", "parent_id": boxes.id()});
        ann.post("/api/tasks", deeper).await.expect_fault("parent_id");
        assert_eq!(ann.get(&format!("/api/tasks?parent_id={}", parent.id())).await.expect(200)["total"], 2);
        ann.patch(&format!("/api/tasks/{}/complete", van.id()), Value::Null).await.expect(200);
        ann.patch(&format!("/api/tasks/{}/complete", parent.id()), Value::Null).await.expect(200);
        assert_eq!(ann.get(&format!("/api/tasks/{}", boxes.id())).await.expect(200)["completed"], true);
        ann.delete(&format!("/api/tasks/{}", parent.id())).await.expect(204);
        assert_eq!(ann.get("/api/tasks").await.expect(200)["total"], 0, "no subtask is left behind without its task");
        ann.patch(&format!("/api/tasks/{}/restore", parent.id()), Value::Null).await.expect(200);
        assert_eq!(ann.get("/api/tasks").await.expect(200)["total"], 3);
    }

    async fn a_strangers_task_is_not_there(app: TestApp) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        let task = ann.task("Secret", Some("2026-01-18T09:00:00Z")).await;
        let path = format!("/api/tasks/{}", task.id());
        bob.get(&path).await.expect_problem(404, "not-found");
        bob.patch(&path, json!({"title": "Mine"})).await.expect(404);
        bob.delete(&path).await.expect(404);
        for verb in ["complete", "reopen", "restore"] {
            bob.patch(&format!("{path}/{verb}"), Value::Null).await.expect(404);
        }
        bob.patch(&format!("{path}/snooze"), json!({"until": "2026-01-16T09:00:00Z"})).await.expect(404);
        bob.put(&format!("{path}/reminders"), json!({"reminders": []})).await.expect(404);
        for what in ["history", "deliveries", "reminders"] {
            bob.get(&format!("{path}/{what}")).await.expect(404);
        }
        bob.post("/api/tasks", json!({"title": "Child", "parent_id": task.id()})).await.expect_fault("parent_id");
        let bulk = bob.post("/api/tasks/bulk", json!({"action": "trash", "ids": [task.id()]})).await.expect(200);
        assert_eq!(bulk["results"][0]["done"], false);
        assert_eq!(bob.get("/api/activity").await.expect(200)["total"], 0);
        assert_eq!(ann.get(&path).await.expect(200).version(), 1);
    }

    async fn lists_are_filtered_sorted_and_cut_into_pages(app: TestApp) {
        let ann = app.user("ann").await;
        for number in 1..=45 {
            let body = json!({
                "title": format!("Task {number:02}"),
                "description": if number % 10 == 0 { "with Ünïcode words" } else { "" },
                "priority": number % 3 + 1,
                "tags": if number % 5 == 0 { json!(["five"]) } else { json!([]) },
                "due_date": format!("2026-02-{:02}", number % 28 + 1),
            });
            ann.post("/api/tasks", body).await.expect(201);
        }
        let page = ann.get("/api/tasks?sort=title&page=2").await.expect(200);
        assert_eq!((&page["total"], &page["page"], &page["page_size"]), (&json!(45), &json!(2), &json!(20)));
        assert_eq!(page.titles()[0], "Task 21");
        for (query, total) in [
            ("tag=five", 9),
            ("priority=1", 15),
            ("q=with+%C3%BCn%C3%AFcode", 4),
            ("q=task+07", 1),
            ("due_from=2026-02-01&due_to=2026-02-02", 3),
            ("project_id=none", 45),
            ("status=completed", 0),
        ] {
            assert_eq!(ann.get(&format!("/api/tasks?{query}")).await.expect(200)["total"], total, "{query}");
        }
        for sort in ["created", "-created", "updated", "due", "-due", "priority", "-priority", "title", "-title"] {
            let by_cursor = ann.all(&format!("/api/tasks?sort={sort}")).await;
            let mut titles: Vec<_> = by_cursor.iter().map(|item| item["title"].as_str().unwrap()).collect();
            titles.sort_unstable();
            titles.dedup();
            assert_eq!(titles.len(), 45, "{sort}");
        }
        ann.get("/api/tasks?page_size=101").await.expect_fault("page_size");
        ann.get("/api/tasks?page=0").await.expect_fault("page");
        ann.get("/api/tasks?sort=colour").await.expect_fault("sort");
        ann.get("/api/tasks?status=lost").await.expect_fault("status");
        ann.get("/api/tasks?cursor=rubbish").await.expect_fault("cursor");
        ann.get("/api/tasks?colour=red").await.expect_fault("colour");
    }

    async fn a_line_of_words_becomes_a_task_or_a_rule(app: TestApp) {
        let ann = app.user("ann").await;
        let text = json!({"text": "Call Ana tomorrow 5pm #Home @phone p1 !30m"});
        let preview = ann.post("/api/tasks/quick-add/preview", text.clone()).await.expect(200);
        assert_eq!(preview["title"], "Call Ana");
        assert_eq!(ann.get("/api/tasks").await.expect(200)["total"], 0, "a preview stores nothing");
        let made = ann.post("/api/tasks/quick-add", text).await.expect(201);
        let task = &made["task"];
        assert_eq!(task["due_date"], "2026-01-16T17:00:00Z");
        assert_eq!((&task["priority"], &task["tags"]), (&json!(1), &json!(["phone"])));
        let projects = ann.get("/api/projects").await.expect(200);
        assert_eq!(projects["items"][0]["name"], "Home");
        assert_eq!(task["project_id"], projects["items"][0]["id"]);
        let reminders = ann.get(&format!("/api/tasks/{}/reminders", task["id"].as_str().unwrap())).await.expect(200);
        assert!(reminders["reminders"].as_array().unwrap().contains(&json!({"minutes_before": 30})));
        let made = ann.post("/api/tasks/quick-add", json!({"text": "Weekly standup every mon 9:00"})).await.expect(201);
        assert_eq!(made["recurring_task"]["weekdays"], json!(["monday"]));
        ann.post("/api/tasks/quick-add", json!({"text": "  "})).await.expect_problem(422, "invalid");
    }

    async fn many_at_once_each_by_itself(app: TestApp) {
        let ann = app.user("ann").await;
        let one = ann.task("One", None).await;
        let two = ann.task("Two", None).await;
        let missing = "01900000-0000-7000-8000-000000000000";
        let body = json!({"action": "complete", "ids": [one.id(), missing, two.id()]});
        let bulk = ann.post("/api/tasks/bulk", body).await.expect(200);
        let done: Vec<_> = bulk["results"].as_array().unwrap().iter().map(|result| result["done"].as_bool().unwrap()).collect();
        assert_eq!(done, [true, false, true]);
        let body = json!({"action": "update", "ids": [one.id(), two.id()], "patch": {"priority": 3}});
        ann.post("/api/tasks/bulk", body).await.expect(200);
        assert_eq!(ann.get("/api/tasks?priority=3").await.expect(200)["total"], 2);
    }
}
