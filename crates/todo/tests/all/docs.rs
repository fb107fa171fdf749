//! `/api/openapi.json`, `/docs` and the page at `/`.

use serde_json::Value;
use testkit::{TestApp, User, on_sqlite};

/// A page of ours loads nothing from elsewhere, whatever it says.
fn assert_own(csp: &str) {
    assert!(csp.starts_with("default-src 'none'"), "{csp}");
    assert!(!csp.contains("http") && !csp.contains("unsafe") && !csp.contains('*'), "{csp}");
}

#[tokio::test]
async fn the_description_names_every_operation() {
    on_sqlite(|app: TestApp| async move {
        let nobody = User::nobody(&app);
        let document = nobody.get("/api/openapi.json").await.expect(200);
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let paths = document["paths"].as_object().unwrap();
        for path in [
            "/api/auth/register",
            "/api/auth/login",
            "/api/me",
            "/api/tasks",
            "/api/tasks/{id}",
            "/api/tasks/{id}/complete",
            "/api/recurring-tasks",
            "/api/recurring-tasks/preview",
            "/api/projects",
            "/api/tags",
            "/api/notifications",
            "/api/deliveries",
            "/api/stats",
            "/api/changes",
            "/api/events",
        ] {
            assert!(paths.contains_key(path), "{path}");
        }
        // Each operation answers something, and those that need a token say so when there is none.
        for (path, operations) in paths {
            let concrete = path.replace("{id}", "01900000-0000-7000-8000-000000000000").replace("{name}", "x");
            for (method, operation) in operations.as_object().unwrap() {
                assert!(operation["responses"].is_object(), "{method} {path}");
                assert!(operation["summary"].is_string() || operation["description"].is_string(), "{method} {path}");
                let open = operation["security"]
                    .as_array()
                    .is_some_and(|list| list.iter().any(|s| *s == serde_json::json!({})) || list.is_empty());
                if !open {
                    nobody.call(&method.to_uppercase(), &concrete).await.expect_problem(401, "unauthenticated");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_pages_load_nothing_from_elsewhere() {
    on_sqlite(|app: TestApp| async move {
        let nobody = User::nobody(&app);
        for path in ["/", "/docs/"] {
            let page = nobody.get(path).await.expect(200);
            assert_own(page.header("content-security-policy"));
            let mut quoted = page.text.split(['"', '\'']);
            let elsewhere = quoted.find(|part| part.starts_with("http") || part.starts_with("//"));
            assert_eq!(elsewhere, None, "{path}");
        }
        let page = nobody.get("/docs/").await.expect(200);
        for asset in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
            assert!(page.text.contains(asset), "{}", page.text);
            nobody.get(&format!("/docs/{asset}")).await.expect(200);
        }
        let initializer = nobody.get("/docs/swagger-initializer.js").await.expect(200);
        assert!(initializer.text.contains("/api/openapi.json"));
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    on_sqlite(|app: TestApp| async move {
        let ann = app.user("ann").await;
        ann.get("/api/nowhere").await.expect_problem(404, "not-found");
        ann.delete("/api/tasks").await.expect_problem(405, "method-not-allowed");
        let answer = ann.get("/api/me").await.expect(200);
        assert_ne!(answer.header("x-request-id"), "");
        assert_eq!(answer["password_hash"], Value::Null);
    })
    .await;
}
