//! A signed-in client: which server, whose account, what was shown last.

use domain::{Clock, Timestamp, Zone, clock::new_uuid};
use secrecy::SecretString;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::{
    Call,
    error::ClientError,
    http::{Api, Request},
    saved::{self, Shown, SignIn},
    wire,
};
use crate::{
    clock::{OsRandom, SystemClock},
    config::environment,
};

const DEFAULT_SERVER: &str = "http://127.0.0.1:3000";

pub struct Session {
    pub api: Api,
    pub json: bool,
    pub saved: SignIn,
    pub shown: Shown,
}

/// The account's own idea of time.
pub struct Person {
    pub zone: Zone,
    pub all_day_time: String,
    pub now: Timestamp,
}

impl Session {
    /// From the flag, the environment, or what `todo login` remembered. A token goes only with the server that it
    /// was remembered for, so that no other server ever sees it.
    pub fn open(call: Call) -> Result<Self, ClientError> {
        let saved = SignIn::load()?;
        let named = call.server.or_else(|| environment::variable("TODO_SERVER"));
        let server = named.clone().or_else(|| saved.server.clone()).unwrap_or_else(|| DEFAULT_SERVER.to_owned());
        let url = server_url(&server)?;
        let remembered = saved.server.as_deref().and_then(|known| server_url(known).ok());
        let own = remembered.as_ref() == Some(&url);
        let token = match environment::variable("TODO_TOKEN") {
            Some(token) => Some(SecretString::from(token)),
            None => saved.token.clone().filter(|_| own),
        };
        let api = Api::new(url, token)?;
        let shown = Shown::load(api.server());
        Ok(Self { api, json: call.json, saved, shown })
    }

    pub async fn person(&self) -> Result<Person, ClientError> {
        let me: wire::Me = self.api.fetch(Request::get("api/me")).await?;
        let zone = Zone::parse(&me.time_zone).unwrap_or_else(|_| Zone::utc());
        Ok(Person { zone, all_day_time: me.all_day_time, now: SystemClock.now() })
    }

    pub async fn projects(&self) -> Result<Vec<wire::Project>, ClientError> {
        let page: wire::Page<wire::Project> = self.api.fetch(Request::get("api/projects")).await?;
        Ok(page.items)
    }

    /// Asks the server how it reads a line of words.
    pub async fn understand(&self, text: &str) -> Result<wire::Understood, ClientError> {
        self.api.fetch(Request::post("api/tasks/quick-add/preview", json!({"text": text})).key(new_key())).await
    }

    pub fn task(&self, text: &str) -> Result<Uuid, ClientError> {
        saved::resolve(&self.shown.tasks, text).map_err(|why| ClientError::Usage(format!("{why}: see `todo list`")))
    }

    pub fn recurring_task(&self, text: &str) -> Result<Uuid, ClientError> {
        saved::resolve(&self.shown.recurring_tasks, text)
            .map_err(|why| ClientError::Usage(format!("{why}: see `todo recur list`")))
    }
}

impl Person {
    /// An instant that a person means: an instant, a span from now such as `2h`, or words for a day and a time. A day
    /// alone is meant at the time at which whole days remind.
    pub async fn moment(&self, session: &Session, text: &str) -> Result<Timestamp, ClientError> {
        if let Some(at) = domain::due::parse_instant(text) {
            return Ok(at);
        }
        let unclear = || ClientError::Usage(format!("{text:?} is no moment: say 2h, tomorrow 9am or next monday"));
        let words = if is_span(text) { format!("in {text}") } else { text.to_owned() };
        let understood = session.understand(&words).await?;
        if !understood.title.is_empty() || understood.recurrence.is_some() {
            return Err(unclear());
        }
        let due = understood.due_date.ok_or_else(unclear)?;
        let due = domain::Due::parse(&due, self.zone.clone()).map_err(|_| unclear())?;
        let all_day = jiff::civil::Time::strptime("%H:%M", &self.all_day_time).map_err(|_| unclear())?;
        Ok(due.reminder_moment(all_day))
    }
}

/// `30m`, `2h`, `3d`, `2w`.
fn is_span(text: &str) -> bool {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    !digits.is_empty() && digits.len() < text.len() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// With `http://` where a scheme is missing and the host is this machine, else `https://`.
fn server_url(text: &str) -> Result<Url, ClientError> {
    let wrong = || ClientError::Usage(format!("{text:?} is no server: give a URL such as https://todo.example.org"));
    let url = if text.contains("://") {
        text.to_owned()
    } else if ["localhost", "127.0.0.1", "[::1]"].iter().any(|local| text.starts_with(local)) {
        format!("http://{text}")
    } else {
        format!("https://{text}")
    };
    let url = Url::parse(&url).map_err(|_| wrong())?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(url) } else { Err(wrong()) }
}

/// Whether a password sent there could be read on the way.
pub fn is_open_to_others(server: &str) -> bool {
    let Ok(url) = Url::parse(server) else { return false };
    let local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && !local
}

pub fn new_key() -> String {
    new_uuid(SystemClock.now(), &OsRandom).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_be_named_without_its_scheme() {
        assert_eq!(server_url("todo.example.org").unwrap().as_str(), "https://todo.example.org/");
        assert_eq!(server_url("localhost:3000").unwrap().as_str(), "http://localhost:3000/");
        assert_eq!(server_url("http://10.0.0.1:8000/todo").unwrap().as_str(), "http://10.0.0.1:8000/todo");
        for wrong in ["", "ftp://example.org", "http://", "a b"] {
            assert!(server_url(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_password_in_the_open_is_noticed() {
        assert!(is_open_to_others("http://todo.example.org"));
        for fine in ["https://todo.example.org", "http://localhost:3000", "http://127.0.0.1", "http://[::1]:3000"] {
            assert!(!is_open_to_others(fine), "{fine}");
        }
    }

    #[test]
    fn spans_are_told_from_words() {
        assert!(["2h", "30m", "3d", "2w", "2hours"].into_iter().all(is_span));
        assert!(!["tomorrow", "2", "h", "9:00", "in 2h", "2026-12-04"].into_iter().any(is_span));
    }
}
