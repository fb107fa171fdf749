//! Serde's messages in words for the person who sent the request.

use domain::FieldError;
use serde_path_to_error::Path;

/// Longest name of an unknown field that is repeated to the sender.
const LONGEST_NAME: usize = 100;

const INSTANT: &str = "must be an instant such as 2026-01-15T09:00:00Z";

/// The fault at `path`. `whole` names the input itself, for faults that are not in a field.
pub fn fault(path: &Path, message: &str, whole: &str) -> FieldError {
    let path = path.to_string();
    let path = if path == "." { "" } else { &path };
    let message = without_position(message);
    for (start, end, words) in [
        ("unknown field `", "`, ", "is not a known field"),
        ("missing field `", "`", "is missing"),
        ("duplicate field `", "`", "is given twice"),
    ] {
        if let Some(name) = message.strip_prefix(start).and_then(|rest| rest.split_once(end)).map(|(name, _)| name) {
            return FieldError::new(join(path, name), words);
        }
    }
    FieldError::new(if path.is_empty() { whole } else { path }, plain(message))
}

/// `name` under `path`, unless the path leads to it already.
fn join(path: &str, name: &str) -> String {
    let name: String = name.chars().take(LONGEST_NAME).collect();
    if path.is_empty() || path == name {
        name
    } else if path.ends_with(&format!(".{name}")) {
        path.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn without_position(message: &str) -> &str {
    message.rfind(" at line ").map_or(message, |end| &message[..end])
}

fn plain(message: &str) -> String {
    let mismatch = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    if let Some((got, expected)) = mismatch.and_then(|rest| rest.rsplit_once(", expected ")) {
        if expected.contains("timestamp") {
            return INSTANT.into();
        }
        return format!("must be {}, not {}", wanted(expected), given(got));
    }
    if let Some((_, known)) = message.strip_prefix("unknown variant `").and_then(|rest| rest.split_once("`, expected "))
    {
        return format!("must be {}", known.replace('`', ""));
    }
    match message {
        _ if message.starts_with("UUID parsing failed") => "must be an id (a UUID)".into(),
        "provided string was not `true` or `false`" => "must be true or false".into(),
        _ if is_about_an_integer(message) => "must be a whole number".into(),
        _ if is_ours(message) => message.into(),
        _ => INSTANT.into(),
    }
}

/// The messages of `std::num::ParseIntError`.
fn is_about_an_integer(message: &str) -> bool {
    message == "invalid digit found in string"
        || message == "cannot parse integer from empty string"
        || message.starts_with("number too ")
}

/// Serde's own messages and those of our `expecting`. What remains comes from the parser of instants: no other type in
/// an input has words of its own; dates, zones and rules are parsed in the domain.
fn is_ours(message: &str) -> bool {
    ["must ", "invalid length ", "data did not match "].iter().any(|start| message.starts_with(start))
}

fn wanted(expected: &str) -> &str {
    match expected {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" | "isize" | "an integer" => {
            "a whole number"
        }
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        "a UUID string" | "a formatted UUID string" => "an id (a UUID)",
        expected if expected.starts_with("struct ") => "an object",
        expected => expected,
    }
}

fn given(got: &str) -> &str {
    let quoted = || got.split('`').nth(1).unwrap_or(got);
    match got {
        "map" => "an object",
        "sequence" => "a list",
        got if got.starts_with("string ") => "a string",
        got if got.starts_with("integer `-") => quoted(),
        got if got.starts_with("integer ") => "a number",
        got if got.starts_with("floating point ") || got.starts_with("boolean ") => quoted(),
        got => got,
    }
}
