//! `todo import`: many tasks from a file, several at a time.
//!
//! Each line goes out under a key made of the file's content and the line's number, so the same file sent again
//! within a day, after a broken connection or by mistake, adds nothing twice.

use std::{fs, io, path::Path};

use futures::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    args::Import,
    error::ClientError,
    http::{Api, Request},
    output::{print, print_json},
    session::Session,
};

const AT_ONCE: usize = 8;
/// Told one by one; the rest is a number.
const FAULTS_SHOWN: usize = 20;

/// A line of the file that is not blank.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    /// From 1, as editors count.
    number: usize,
    path: &'static str,
    body: Value,
}

pub async fn import(session: Session, args: &Import) -> Result<(), ClientError> {
    let text = read_file(&args.file)?;
    let lines = parse(&text, args.plain)?;
    let how = if args.plain { "plain" } else { "words" };
    let digest = format!("{how}-{}", hex::encode(&Sha256::digest(text.as_bytes())[..12]));
    let json = session.json;
    let api = session.api.patient();
    let bar = ProgressBar::new(lines.len() as u64);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let total = lines.len();
    let (mut added, mut faults) = (Vec::new(), Vec::new());
    let mut outcomes = stream::iter(lines).map(|line| send(&api, line, &digest)).buffer_unordered(AT_ONCE);
    while let Some((number, outcome)) = outcomes.next().await {
        bar.inc(1);
        match outcome {
            Ok(answer) => added.push((number, answer)),
            Err(ClientError::Refused(why)) => faults.push((number, why)),
            // Without a server or an account, no other line fares better.
            Err(other) => return Err(other),
        }
    }
    bar.finish_and_clear();
    added.sort_by_key(|(number, _)| *number);
    faults.sort_by_key(|(number, _)| *number);
    if json {
        print_json(&added.iter().map(|(_, answer)| answer.clone()).collect())?;
    } else {
        print(format!("{} of {total} added", added.len()))?;
    }
    if faults.is_empty() { Ok(()) } else { Err(ClientError::Refused(tell(&faults))) }
}

fn read_file(path: &Path) -> Result<String, ClientError> {
    let read = if path == Path::new("-") { io::read_to_string(io::stdin()) } else { fs::read_to_string(path) };
    read.map_err(|error| ClientError::file(path, &error))
}

fn parse(text: &str, plain: bool) -> Result<Vec<Line>, ClientError> {
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let lines = lines.map(|(index, line)| (index + 1, line.trim())).filter(|(_, line)| !line.is_empty());
    lines
        .map(|(number, line)| {
            let (path, body) = match (plain, line.starts_with('{')) {
                (true, _) => ("api/tasks", json!({"title": line})),
                (false, true) => {
                    let wrong = |error| ClientError::Usage(format!("line {number} is no JSON: {error}"));
                    ("api/tasks", serde_json::from_str(line).map_err(wrong)?)
                }
                (false, false) => ("api/tasks/quick-add", json!({"text": line})),
            };
            Ok(Line { number, path, body })
        })
        .collect()
}

async fn send(api: &Api, line: Line, digest: &str) -> (usize, Result<Value, ClientError>) {
    let key = format!("import-{digest}-{}", line.number);
    (line.number, api.send(Request::post(line.path, line.body).key(key)).await)
}

fn tell(faults: &[(usize, String)]) -> String {
    let mut lines: Vec<String> =
        faults.iter().take(FAULTS_SHOWN).map(|(number, why)| format!("line {number}: {why}")).collect();
    if faults.len() > FAULTS_SHOWN {
        lines.push(format!("and {} more", faults.len() - FAULTS_SHOWN));
    }
    lines.join("\n       ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_words_or_json_and_blank_lines_count_only_for_the_numbers() {
        let lines = parse("\u{feff}Buy milk tomorrow\r\n\n  {\"title\": \"Call Ana\"}\n", false).unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].number, lines[0].path), (1, "api/tasks/quick-add"));
        assert_eq!(lines[0].body, json!({"text": "Buy milk tomorrow"}));
        assert_eq!((lines[1].number, lines[1].path), (3, "api/tasks"));
        assert_eq!(lines[1].body, json!({"title": "Call Ana"}));
    }

    #[test]
    fn plain_lines_are_titles_whatever_they_say() {
        let lines = parse("{\"not\": read\nevery day", true).unwrap();
        assert_eq!(lines[0].body, json!({"title": "{\"not\": read"}));
        assert_eq!(lines[1].body, json!({"title": "every day"}));
    }

    #[test]
    fn broken_json_is_found_before_anything_is_sent() {
        let error = parse("Buy milk\n{\"title\": ", false).unwrap_err();
        assert!(error.to_string().starts_with("line 2"), "{error}");
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn many_faults_are_counted_not_listed() {
        let faults: Vec<_> = (1..=25).map(|number| (number, "title is missing".to_owned())).collect();
        let told = tell(&faults);
        assert_eq!(told.lines().count(), 21);
        assert!(told.ends_with("and 5 more"));
    }
}
