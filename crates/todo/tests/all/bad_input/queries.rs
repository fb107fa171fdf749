//! Ids, queries and headers that cannot be meant.

use serde_json::json;
use testkit::{TestApp, on_sqlite};

use super::Aims;

#[tokio::test]
async fn ids_and_queries_that_cannot_be_meant() {
    on_sqlite(|app: TestApp| async move {
        let aims = Aims::new(&app).await;
        let before = aims.everything().await;
        for id in [
            "x",
            "1",
            "01900000-0000-7000-8000-000000000000",
            "%00",
            "..",
            "💥",
            "01900000-0000-7000-8000-00000000000g",
        ] {
            let id = id.replace('💥', "%F0%9F%92%A5");
            for path in
                ["/api/tasks/{id}", "/api/recurring-tasks/{id}", "/api/projects/{id}", "/api/tasks/{id}/history"]
            {
                let answer = aims.ann.get(&path.replace("{id}", &id)).await;
                assert!([404, 422, 400].contains(&answer.status), "{path} {id}: {} {}", answer.status, answer.text);
                assert_eq!(answer.header("content-type"), "application/problem+json", "{path} {id}");
            }
        }
        for (query, field) in [
            ("/api/tasks?page=-1", "page"),
            ("/api/tasks?page=x", "page"),
            ("/api/tasks?page=99999999999999999999", "page"),
            ("/api/tasks?page_size=0", "page_size"),
            ("/api/tasks?priority=9", "priority"),
            ("/api/tasks?due_state=late", "due_state"),
            ("/api/tasks?due_from=yesterday", "due_from"),
            ("/api/tasks?project_id=x", "project_id"),
            ("/api/tasks?tag=two+words", "tag"),
            ("/api/tasks?page=2&cursor=abc", "cursor"),
            ("/api/recurring-tasks?is_active=maybe", "is_active"),
            ("/api/notifications?unread=2", "unread"),
            ("/api/notifications?cursor=AAAA", "cursor"),
            ("/api/deliveries?channel=pigeon", "channel"),
            ("/api/changes?since=x", "since"),
            ("/api/stats?days=many", "days"),
            ("/api/activity?cursor=x", "cursor"),
        ] {
            aims.ann.get(query).await.expect_fault(field);
        }
        // Far beyond the end is an empty page.
        assert_eq!(aims.ann.get("/api/tasks?page=4000000").await.expect(200)["items"], json!([]));
        // Words that look like SQL or patterns are words.
        for words in ["%25", "_", "'+or+1%3D1--", "%22", "%5C", "%00x", "*"] {
            let answer = aims.ann.get(&format!("/api/tasks?q={words}")).await;
            assert!(answer.status == 422 || answer.expect(200)["total"] == 0, "{words}");
        }
        for header in ["\"x\"", "3", "W/", "\"99999999999999999999\""] {
            let answer =
                aims.call("PATCH", "/api/tasks/{task}").json(&json!({"title": "x"})).header("if-match", header).await;
            assert!([400, 412].contains(&answer.status), "{header}: {}", answer.text);
        }
        assert_eq!(aims.everything().await, before);
    })
    .await;
}
