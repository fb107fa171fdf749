//! The description is complete, and the committed copy is the one that the code makes.

use std::{collections::HashSet, path::Path};

use serde_json::Value;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

fn document() -> Value {
    serde_json::to_value(api::openapi()).unwrap()
}

/// `(method and path, operation)`
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of = |path: &String, item: &'_ Value| -> Vec<String> {
        METHODS.iter().filter(|method| item.get(**method).is_some()).map(|method| format!("{method} {path}")).collect()
    };
    let mut operations = Vec::new();
    for (path, item) in paths {
        for name in of(path, item) {
            let method = name.split(' ').next().unwrap().to_owned();
            operations.push((name, &item[method]));
        }
    }
    operations
}

#[test]
fn every_operation_says_what_it_is_who_may_and_how_it_fails() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let operations = operations(&document);
    assert!(operations.len() > 50, "{}", operations.len());
    let tags: HashSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut ids = HashSet::new();
    for (name, operation) in operations {
        assert!(name.contains(" /api/"), "{name}");
        let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{name} has no operationId"));
        assert!(ids.insert(id.to_owned()), "{id} stands twice");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{name} has no summary");
        assert!(operation["security"].is_array(), "{name} does not say who may");
        let tag = operation["tags"][0].as_str().unwrap();
        assert!(tags.contains(tag), "{name}: tag {tag} is not described");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name} never succeeds");
        assert!(responses.keys().any(|status| status.starts_with('4')), "{name} never fails");
        if operation.get("requestBody").is_some() {
            for status in ["400", "413", "415", "422"] {
                assert!(responses.contains_key(status), "{name} lacks {status}");
            }
        }
        if name.contains('{') {
            assert!(responses.contains_key("404"), "{name} lacks 404");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                references.push(reference.clone());
            }
            fields.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a switch for the person who runs the test, not configuration")]
fn the_committed_description_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let current = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, current).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(committed == current, "docs/openapi.json is out of date: run UPDATE=1 cargo test -p api openapi");
}
