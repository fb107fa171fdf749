//! `docs/asyncapi.yaml` is what the Rust types say. `UPDATE=1 cargo test -p domain asyncapi` writes it anew.

use domain::event::{CloudEvent, EventType, TOPICS};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(components(schemas(CloudEvent)))]
struct Schemas;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/asyncapi.yaml");

/// What each topic is for, in the order of the table in `docs/EVENTS.md`.
fn purpose(topic: &str) -> &'static str {
    match topic {
        "task-created" => "A task was created.",
        "task-updated" => "A task changed, was reopened or restored.",
        "task-completed" => "A task was completed.",
        "task-deleted" => "A task went to the trash.",
        "task-due-soon" => "A task comes within 24 hours of its due date.",
        "task-due" => "The due moment of a task came.",
        "task-reminder" => "A reminder of a task's own list came, or a snoozed one came back.",
        "recurring-task-due" => "A slot came and its task was created.",
        "recurring-task-updated" => "A recurring task was created, changed, came to its end or was deleted.",
        other => panic!("what is {other} for?"),
    }
}

fn document() -> String {
    let openapi = serde_json::to_value(Schemas::openapi()).unwrap();
    let schemas = &openapi["components"]["schemas"];
    let (mut channels, mut operations, mut messages) = (Map::new(), Map::new(), Map::new());
    for topic in TOPICS {
        let types: Vec<_> = EventType::ALL.into_iter().filter(|event_type| event_type.topic() == topic).collect();
        let references: Map<_, _> = types
            .iter()
            .map(|event_type| {
                (event_type.name().to_owned(), reference(&format!("components/messages/{}", event_type.name())))
            })
            .collect();
        channels.insert(topic.into(), json!({"address": topic, "description": purpose(topic), "messages": references}));
        operations.insert(
            format!("publish-{topic}"),
            json!({"action": "send", "channel": reference(&format!("channels/{topic}")), "summary": purpose(topic)}),
        );
        for event_type in types {
            messages.insert(
                event_type.name().into(),
                json!({
                    "name": event_type.name(),
                    "contentType": "application/cloudevents+json",
                    "payload": {"allOf": [
                        reference("components/schemas/CloudEvent"),
                        {"type": "object", "properties": {"type": {"const": event_type.name()}}},
                    ]},
                    "bindings": {"kafka": {"key": {"type": "string", "format": "uuid", "description": "The subject."}}},
                }),
            );
        }
    }
    let document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Todo events",
            "version": "1.0.0",
            "description": "Every change is a CloudEvent (1.0, structured JSON) on one of these topics: at least once, \
                in order for each task. Within v1 changes are additive only.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    });
    format!(
        "# Generated from the Rust types; see crates/domain/tests/all/asyncapi.rs.\n{}",
        serde_yaml_ng::to_string(&document).unwrap()
    )
}

fn reference(to: &str) -> Value {
    json!({"$ref": format!("#/{to}")})
}

#[test]
fn the_committed_document_is_current() {
    let document = document();
    #[allow(clippy::disallowed_methods, reason = "a developer asks for the file to be written anew")]
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PATH, &document).unwrap();
    }
    let committed = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(committed == document, "docs/asyncapi.yaml is stale: run UPDATE=1 cargo test -p domain asyncapi");
}
