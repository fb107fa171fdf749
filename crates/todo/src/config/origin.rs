//! Where each value came from, and what is wrong with one that cannot be, by the name that a person gave it.

use figment::{Error, Figment, Metadata, Source, error::Kind};
use serde_json::Value;

/// A value in force.
#[derive(Debug)]
pub struct Origin {
    pub key: &'static str,
    /// Without secrets.
    pub value: String,
    pub source: String,
}

pub fn origin(figment: &Figment, key: &'static str) -> Origin {
    let value = figment.find_value(key).ok().and_then(|value| serde_json::to_value(value).ok());
    let shown = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) if key.ends_with("_url") => masked(&text),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    };
    Origin { key, value: shown, source: source(figment.find_metadata(key), key) }
}

/// `TODO_LISTEN`, `todo.toml`, `--listen` or `default`.
fn source(metadata: Option<&Metadata>, key: &str) -> String {
    let Some(metadata) = metadata else { return "default".into() };
    match (&*metadata.name, &metadata.source) {
        (_, Some(Source::File(path))) => path.display().to_string(),
        (name, _) if name.contains("environment") => variable(key),
        (name, _) if name.contains("Flags") => format!("--{}", key.replace('_', "-")),
        (name, _) if name.starts_with("TODO_") => name.to_owned(),
        _ => "default".into(),
    }
}

pub fn variable(key: &str) -> String {
    format!("TODO_{}", key.to_uppercase())
}

/// A URL without its password, which may stand before the host or among the parameters.
pub fn masked(url: &str) -> String {
    let Ok(mut parsed) = url::Url::parse(url) else { return url.to_owned() };
    if parsed.password().is_some() {
        let _ = parsed.set_password(Some("***"));
    }
    let pairs: Vec<(String, String)> = parsed.query_pairs().into_owned().collect();
    if pairs.iter().any(|(name, _)| name == "password") {
        let shown = pairs.iter().map(|(name, value)| (name, if name == "password" { "***" } else { value }));
        parsed.query_pairs_mut().clear().extend_pairs(shown);
    }
    parsed.to_string()
}

/// Every fault, in one line.
pub fn explain(error: Error) -> String {
    error.into_iter().map(|error| explain_one(&error)).collect::<Vec<_>>().join("; ")
}

fn explain_one(error: &Error) -> String {
    let key = match &error.kind {
        Kind::UnknownField(name, _) => name.clone(),
        _ => error.path.join("."),
    };
    let place = source(error.metadata.as_ref(), &key);
    let named = if place.starts_with("TODO_") || place.starts_with("--") { place } else { format!("{place}: {key}") };
    match &error.kind {
        Kind::UnknownField(..) => format!("{named} is no option: `todo config` lists them"),
        Kind::InvalidType(actual, expected) | Kind::InvalidValue(actual, expected) => {
            format!("{named} must be {expected}, not {actual}")
        }
        Kind::UnknownVariant(actual, expected) => format!("{named} must be {}, not {actual}", expected.join(" or ")),
        Kind::Message(message) => format!("{} {message}", if key.is_empty() { error_file(error) } else { named }),
        other => format!("{named}: {other}"),
    }
}

/// Of a file that is no TOML at all.
fn error_file(error: &Error) -> String {
    error.metadata.as_ref().map_or_else(String::new, |metadata| match &metadata.source {
        Some(Source::File(path)) => format!("{}:", path.display()),
        _ => format!("{}:", metadata.name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_masked_wherever_they_stand() {
        assert_eq!(masked("postgres://todo:secret@db/todo"), "postgres://todo:***@db/todo");
        assert_eq!(masked("postgres://db/todo?user=a&password=secret"), "postgres://db/todo?user=a&password=***");
        assert_eq!(masked("postgres://db/todo?sslmode=require"), "postgres://db/todo?sslmode=require");
        assert_eq!(masked("sqlite:/var/lib/todo.sqlite"), "sqlite:/var/lib/todo.sqlite");
    }
}
