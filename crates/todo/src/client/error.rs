//! Why a command did not do what it was asked, each with an exit code that scripts can rely on.

use serde::Deserialize;

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server, or a file, said no.
    #[error("{0}")]
    Refused(String),
    /// What was typed cannot be meant.
    #[error("{0}")]
    Usage(String),
    #[error("{server} cannot be reached: {why}")]
    Unreachable { server: String, why: String },
    #[error("not signed in to {0}: run `todo login`")]
    NotSignedIn(String),
}

impl ClientError {
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => 2,
            Self::Unreachable { .. } => 3,
            Self::NotSignedIn(_) => 4,
        }
    }

    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::Refused(format!("{}: {error}", path.display()))
    }
}

/// RFC 9457, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Problem {
    pub r#type: String,
    pub title: String,
    pub detail: String,
    pub errors: Vec<Fault>,
    pub request_id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Fault {
    pub field: String,
    pub message: String,
}

impl Problem {
    /// The detail, or a line for each field at fault; the request id only where an operator needs it.
    pub fn in_words(&self, status: u16) -> String {
        let mut words = if self.errors.is_empty() {
            let text = if self.detail.is_empty() { &self.title } else { &self.detail };
            if text.is_empty() { format!("the server answered {status}") } else { text.clone() }
        } else {
            let faults = self.errors.iter().map(|fault| format!("{} {}", fault.field, fault.message));
            faults.collect::<Vec<_>>().join("\n       ")
        };
        if let (500.., Some(id)) = (status, &self.request_id) {
            words.push_str(&format!(" (request {id})"));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(json: serde_json::Value) -> Problem {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn every_field_at_fault_is_named() {
        let problem = problem(serde_json::json!({
            "title": "Some fields cannot be accepted", "detail": "x", "status": 422,
            "errors": [{"field": "due_date", "message": "must be a date"}, {"field": "title", "message": "is missing"}],
        }));
        assert_eq!(problem.in_words(422), "due_date must be a date\n       title is missing");
    }

    #[test]
    fn only_a_fault_of_the_server_names_its_request() {
        let problem = problem(serde_json::json!({"detail": "It was logged.", "request_id": "r1"}));
        assert_eq!(problem.in_words(500), "It was logged. (request r1)");
        assert_eq!(problem.in_words(404), "It was logged.");
        assert_eq!(Problem::default().in_words(502), "the server answered 502");
    }
}
