//! Each field by itself: its limits, its type, and rules that cannot be.

use serde_json::{Value, json};
use testkit::{TestApp, on_sqlite};

use super::{Aims, bodies};

fn long(length: usize) -> String {
    "ü".repeat(length)
}

/// One field made wrong: where, what, and the name that the problem must give it.
fn faults() -> Vec<(&'static str, &'static str, &'static str, Value, &'static str)> {
    let mut faults = Vec::new();
    let mut add = |method, path, field, values: Vec<Value>, named| {
        faults.extend(values.into_iter().map(|value| (method, path, field, value, named)));
    };
    let zones = || vec![json!("Mars/Olympus"), json!(""), json!("+02:00"), json!(2), json!("../etc/passwd")];
    let dates = || {
        vec![
            json!("tomorrow"),
            json!(""),
            json!("2026-02-30"),
            json!("2026-01-15T25:00:00Z"),
            json!(1),
            json!([]),
            json!("0001-01-01"),
            json!("9999-12-31T23:59:59Z"),
        ]
    };
    let titles =
        || vec![json!(""), json!("   "), json!(long(201)), json!("two\nlines"), json!("nul\u{0}"), json!(7), json!({})];
    let ids = || vec![json!("x"), json!(1), json!("01900000-0000-7000-8000-000000000000")];
    let create = ("POST", "/api/tasks");
    let patch = ("PATCH", "/api/tasks/{task}");
    for (method, path) in [create, patch, ("PUT", "/api/tasks/{task}")] {
        add(method, path, "title", titles(), "title");
        add(method, path, "description", vec![json!(long(10_001)), json!("nul\u{0}"), json!(1)], "description");
        add(
            method,
            path,
            "priority",
            vec![json!(0), json!(4), json!(-1), json!("high"), json!(1.5), json!(1e30)],
            "priority",
        );
        add(method, path, "due_date", dates(), "due_date");
        add(method, path, "time_zone", zones(), "time_zone");
        add(method, path, "project_id", ids(), "project_id");
        add(method, path, "parent_id", ids(), "parent_id");
        add(method, path, "tags", vec![json!("shop"), json!(1)], "tags");
        add(
            method,
            path,
            "tags",
            vec![json!(["fine", "two words"]), json!(["fine", ""]), json!(["fine", long(51)])],
            "tags[1]",
        );
        let many: Vec<_> = (0..21).map(|number| format!("tag{number}")).collect();
        add(method, path, "tags", vec![json!(many)], "tags");
        add(method, path, "reminders", vec![json!({"minutes_before": 5}), json!(5)], "reminders");
        add(method, path, "reminders", vec![json!([{"minutes_before": 527_041}])], "reminders[0].minutes_before");
        let eleven: Vec<_> = (0..11).map(|minutes| json!({"minutes_before": minutes})).collect();
        add(method, path, "reminders", vec![json!(eleven)], "reminders");
        add(method, path, "reminders", vec![json!([{"minutes_before": 5}, {"minutes_before": 5}])], "reminders[1]");
        add(
            method,
            path,
            "reminders",
            vec![json!([{"minutes_before": -1}]), json!([{"at": "noon"}]), json!([{}])],
            "reminders[0]",
        );
    }
    for field in ["title", "priority", "time_zone"] {
        add("PATCH", "/api/tasks/{task}", field, vec![Value::Null], field);
    }
    add(
        "PATCH",
        "/api/tasks/{task}/snooze",
        "until",
        vec![json!("2026-01-15T09:00:00Z"), json!("2028-01-15T09:00:00Z"), json!("later"), json!(null)],
        "until",
    );
    add(
        "POST",
        "/api/tasks/quick-add",
        "text",
        vec![json!(""), json!("x".repeat(1001)), json!(1), json!(null)],
        "text",
    );
    add(
        "POST",
        "/api/tasks/bulk",
        "ids",
        vec![json!([]), json!("x"), json!(vec!["01900000-0000-7000-8000-000000000000"; 201])],
        "ids",
    );
    add("POST", "/api/tasks/bulk", "ids", vec![json!(["x"])], "ids[0]");
    add("POST", "/api/tasks/bulk", "action", vec![json!("explode"), json!(1)], "action");

    let rule = ("POST", "/api/recurring-tasks");
    for (method, path) in [rule, ("PUT", "/api/recurring-tasks/{rule}")] {
        add(method, path, "title", titles(), "title");
        add(method, path, "priority", vec![json!(0), json!(4), json!("high")], "priority");
        add(method, path, "project_id", ids(), "project_id");
        add(method, path, "time_zone", zones(), "time_zone");
        add(method, path, "start_date", dates(), "start_date");
        add(method, path, "end_date", vec![json!("soon"), json!(1), json!("2025-12-31")], "end_date");
        add(method, path, "recurrence_type", vec![json!("hourly"), json!(1)], "recurrence_type");
        add(
            method,
            path,
            "recurrence_interval",
            vec![json!(0), json!(1000), json!(-1), json!("two"), json!(4_294_967_296_u64)],
            "recurrence_interval",
        );
        add(method, path, "count", vec![json!(0), json!(-1), json!("many")], "count");
        add(method, path, "basis", vec![json!("mood")], "basis");
        add(method, path, "catch_up", vec![json!("never")], "catch_up");
        add(method, path, "lead_minutes", vec![json!(86_401), json!(-1)], "lead_minutes");
        add(method, path, "subtasks", vec![json!(["fine", ""])], "subtasks[1]");
        add(method, path, "subtasks", vec![json!(vec!["x"; 51]), json!("x")], "subtasks");
        add(method, path, "reminders", vec![json!([527_041])], "reminders[0].minutes_before");
        // Of another kind of rule than a daily one.
        add(method, path, "weekdays", vec![json!(["monday"])], "weekdays");
        add(method, path, "weekdays", vec![json!(["moonday"]), json!([1])], "weekdays[0]");
        add(method, path, "month_day", vec![json!(31)], "month_day");
        add(method, path, "month", vec![json!(2)], "month");
        add(method, path, "nth_weekday", vec![json!({"nth": 2, "weekday": "friday"})], "nth_weekday");
    }
    add("PUT", "/api/recurring-tasks/{rule}", "due_date", vec![json!("2026-02-01T08:00:00Z")], "due_date");
    add("POST", "/api/recurring-tasks/preview", "limit", vec![json!(0), json!(101), json!(-1)], "limit");
    add("PATCH", "/api/recurring-tasks/{rule}/skip", "slot", vec![json!("2026-01-16T09:00:00Z"), json!("x")], "slot");
    add(
        "PATCH",
        "/api/recurring-tasks/{rule}/pause",
        "until",
        vec![json!("2026-01-15T08:00:00Z"), json!("x")],
        "until",
    );

    for (method, path) in [("POST", "/api/projects"), ("PATCH", "/api/projects/{project}")] {
        add(method, path, "name", vec![json!(""), json!(long(101)), json!("a\nb"), json!(1)], "name");
        add(method, path, "color", vec![json!("mauve"), json!("#ff0000"), json!(1)], "color");
    }
    add("PATCH", "/api/projects/{project}", "archived", vec![json!("yes")], "archived");
    add(
        "POST",
        "/api/tags",
        "name",
        vec![json!(""), json!(long(51)), json!("two words"), json!("#x"), json!(1)],
        "name",
    );
    add("PATCH", "/api/me", "name", vec![json!(""), json!(long(101)), json!(null)], "name");
    add("PATCH", "/api/me", "time_zone", zones(), "time_zone");
    add(
        "PATCH",
        "/api/me",
        "all_day_time",
        vec![json!("9"), json!("25:00"), json!("09:00:00"), json!(9)],
        "all_day_time",
    );
    add("PUT", "/api/me/preferences", "in_app", vec![json!(true)], "in_app");
    add("PUT", "/api/me/preferences", "in_app", vec![json!({"due": "yes"})], "in_app.due");
    add("POST", "/api/me/tokens", "name", vec![json!(""), json!(long(101))], "name");
    add("POST", "/api/me/tokens", "scopes", vec![json!([]), json!("read")], "scopes");
    add("POST", "/api/me/tokens", "scopes", vec![json!(["everything"])], "scopes[0]");
    add("POST", "/api/me/tokens", "expires_at", vec![json!("2026-01-15T08:59:59Z"), json!("never")], "expires_at");
    let register = ("POST", "/api/auth/register");
    add(
        register.0,
        register.1,
        "email",
        vec![
            json!(""),
            json!("ann"),
            json!("ann@"),
            json!("a b@example.org"),
            json!(format!("{}@example.org", "a".repeat(250))),
        ],
        "email",
    );
    add(
        register.0,
        register.1,
        "password",
        vec![json!("short"), json!("p".repeat(201)), json!(12_345_678)],
        "password",
    );
    add(register.0, register.1, "name", vec![json!(""), json!(long(101))], "name");
    add(register.0, register.1, "time_zone", zones(), "time_zone");
    add(
        "PATCH",
        "/api/notifications/{notification}/snooze",
        "until",
        vec![json!("2026-01-15T08:00:00Z"), json!("x")],
        "until",
    );
    faults
}

#[tokio::test]
async fn every_field_is_checked_and_named() {
    on_sqlite(|app: TestApp| async move {
        let aims = Aims::new(&app).await;
        let before = aims.everything().await;
        let mut wrong = Vec::new();
        for (method, path, field, value, named) in faults() {
            let mut body = bodies().into_iter().find(|entry| (entry.0, entry.1) == (method, path)).unwrap().2;
            body[field] = value.clone();
            let answer = aims.call(method, path).json(&body).await;
            let problem = answer.status == 422 && answer["type"] == "/problems/invalid";
            if !problem || !answer.fields().contains(&named) {
                let mut shown = value.to_string();
                shown.truncate(60);
                wrong.push(format!("{method} {path} {field}={shown} ({named}): {} {}", answer.status, answer.text));
            }
        }
        assert!(
            wrong.is_empty(),
            "{} of {} are not refused as they should be:\n{}",
            wrong.len(),
            faults().len(),
            wrong.join("\n")
        );
        assert_eq!(aims.everything().await, before, "what was refused changed something");
    })
    .await;
}

#[tokio::test]
async fn rules_that_cannot_be() {
    on_sqlite(|app: TestApp| async move {
        let aims = Aims::new(&app).await;
        let before = aims.everything().await;
        let start = "2026-02-01T08:00:00Z";
        for (rule, named) in [
            (json!({"recurrence_type": "weekly", "month_day": 3}), "month_day"),
            (json!({"recurrence_type": "monthly", "month_day": 0}), "month_day"),
            (json!({"recurrence_type": "monthly", "month_day": 32}), "month_day"),
            (json!({"recurrence_type": "monthly", "month_day": -2}), "month_day"),
            (json!({"recurrence_type": "monthly", "nth_weekday": {"nth": 0, "weekday": "friday"}}), "nth_weekday"),
            (json!({"recurrence_type": "monthly", "nth_weekday": {"nth": 6, "weekday": "friday"}}), "nth_weekday"),
            (
                json!({"recurrence_type": "monthly", "month_day": 1, "nth_weekday": {"nth": 1, "weekday": "friday"}}),
                "nth_weekday",
            ),
            (json!({"recurrence_type": "monthly", "weekdays": ["friday"]}), "weekdays"),
            (json!({"recurrence_type": "yearly", "month": 13}), "month"),
            (json!({"recurrence_type": "daily", "end_date": "2026-03-01", "count": 3}), "count"),
            (json!({"recurrence_type": "daily", "end_date": "2026-01-31"}), "end_date"),
        ] {
            let mut body = rule.clone();
            body["start_date"] = json!(start);
            let preview = aims.call("POST", "/api/recurring-tasks/preview").json(&body).await;
            body["title"] = json!("Impossible");
            let create = aims.call("POST", "/api/recurring-tasks").json(&body).await;
            for answer in [preview, create] {
                let problem = answer.expect_problem(422, "invalid");
                assert!(problem.fields().iter().any(|field| field.starts_with(named)), "{rule}: {}", problem.text);
            }
        }
        assert_eq!(aims.everything().await, before);
    })
    .await;
}
