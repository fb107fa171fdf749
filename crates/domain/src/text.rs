//! Texts with limits: parsed once at the edge, valid ever after.

use std::fmt;

use serde::Serialize;

/// Why a text was refused; the message is for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidText(String);

fn refuse<T>(why: impl Into<String>) -> Result<T, InvalidText> {
    Err(InvalidText(why.into()))
}

/// Trimmed, one line, without control characters, `1..=max` characters.
fn one_line(raw: &str, max: usize) -> Result<String, InvalidText> {
    let text = raw.trim();
    let length = text.chars().count();
    if length == 0 {
        return refuse("must not be empty");
    }
    if length > max {
        return refuse(format!("must be at most {max} characters, got {length}"));
    }
    if text.chars().any(char::is_control) {
        return refuse("must be one line without control characters");
    }
    Ok(text.to_owned())
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $parse:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn parse(raw: &str) -> Result<Self, InvalidText> {
                let parse: fn(&str) -> Result<String, InvalidText> = $parse;
                parse(raw).map(Self)
            }

            pub fn as_str(&self) -> &str { &self.0 }

            pub fn into_string(self) -> String { self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    )+};
}

texts! {
    /// 1–200 characters, trimmed, one line.
    Title: |raw| one_line(raw, 200);
    /// Markdown, at most 10,000 characters; may be empty.
    Description: description;
    /// 1–50 characters, no white space, no `#` or `@`, lower case.
    Tag: tag;
    /// 1–100 characters, trimmed, one line.
    ProjectName: |raw| one_line(raw, 100);
    /// 1–100 characters, trimmed, one line.
    PersonName: |raw| one_line(raw, 100);
    /// An address, lower case; at most 254 characters (RFC 5321, section 4.5.3.1.3).
    Email: email;
}

impl Description {
    pub fn empty() -> Self {
        Self(String::new())
    }
}

fn description(raw: &str) -> Result<String, InvalidText> {
    const MAX: usize = 10_000;
    let length = raw.chars().count();
    if length > MAX {
        return refuse(format!("must be at most {MAX} characters, got {length}"));
    }
    if raw.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return refuse("must not contain control characters");
    }
    Ok(raw.to_owned())
}

fn tag(raw: &str) -> Result<String, InvalidText> {
    let text = one_line(raw, 50)?.to_lowercase();
    if text.contains(|c: char| c.is_whitespace() || matches!(c, '#' | '@' | ',')) {
        return refuse("must not contain white space, commas, # or @");
    }
    Ok(text)
}

/// Deliberately loose: one `@` with something on both sides, a dot in the domain, no white space. Whether an
/// address exists is for a mail to find out, not for a pattern.
fn email(raw: &str) -> Result<String, InvalidText> {
    let text = one_line(raw, 254)?.to_lowercase();
    let Some((local, host)) = text.rsplit_once('@') else {
        return refuse("must be an e-mail address such as ann@example.org");
    };
    let labels = host.split('.').all(|label| !label.is_empty());
    if local.is_empty() || local.contains('@') || !host.contains('.') || !labels || text.contains(char::is_whitespace) {
        return refuse("must be an e-mail address such as ann@example.org");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_trimmed_and_counted_in_characters() {
        assert_eq!(Title::parse("  Buy milk ").unwrap().as_str(), "Buy milk");
        assert!(Title::parse(&"ü".repeat(200)).is_ok());
        assert!(Title::parse(&"ü".repeat(201)).is_err());
        assert!(Title::parse(" \t ").is_err());
        assert!(Title::parse("two\nlines").is_err());
    }

    #[test]
    fn addresses() {
        assert_eq!(Email::parse("Ann@Example.ORG").unwrap().as_str(), "ann@example.org");
        for bad in ["ann", "@example.org", "ann@", "ann@localhost", "a b@example.org", "a@b@c.org", "a@b..org"] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn tags_are_lower_case_words() {
        assert_eq!(Tag::parse("Phone").unwrap().as_str(), "phone");
        assert!(Tag::parse("two words").is_err());
        assert!(Tag::parse("#x").is_err());
    }
}
