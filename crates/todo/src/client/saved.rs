//! What the client remembers between two commands: the server with its token, and what the last list showed.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::ClientError;
use crate::config::environment;

/// `client.toml`: readable by its owner alone, because it holds a token.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SignIn {
    pub server: Option<String>,
    pub email: Option<String>,
    #[serde(serialize_with = "exposed")]
    pub token: Option<SecretString>,
}

fn exposed<S: serde::Serializer>(token: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    token.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
}

impl SignIn {
    fn file() -> PathBuf {
        environment::config_dir().join("client.toml")
    }

    pub fn load() -> Result<Self, ClientError> {
        let path = Self::file();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(ClientError::file(&path, &error)),
        };
        toml::from_str(&text).map_err(|error| {
            ClientError::Refused(format!("{}: {}: run `todo login` again", path.display(), error.message()))
        })
    }

    pub fn save(&self) -> Result<(), ClientError> {
        let text = toml::to_string(self).map_err(|error| ClientError::Refused(error.to_string()))?;
        write_private(&Self::file(), text.as_bytes())
    }
}

/// What the last lists showed, so that their rows can be named by number.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shown {
    /// Whose they are: numbers of another account mean nothing.
    pub server: String,
    pub tasks: Vec<Uuid>,
    pub recurring_tasks: Vec<Uuid>,
}

impl Shown {
    fn file() -> PathBuf {
        environment::cache_dir().join("shown.json")
    }

    /// A lost or broken file only means that nothing can be named by number.
    pub fn load(server: &str) -> Self {
        let known: Option<Self> = fs::read(Self::file()).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        known
            .filter(|shown| shown.server == server)
            .unwrap_or_else(|| Self { server: server.to_owned(), ..Self::default() })
    }

    pub fn save(&self) -> Result<(), ClientError> {
        let bytes = serde_json::to_vec(self).map_err(|error| ClientError::Refused(error.to_string()))?;
        write_private(&Self::file(), &bytes)
    }
}

/// The number that an id has from now on: that of its row, or a new one behind all.
pub fn number(shown: &mut Vec<Uuid>, id: Uuid) -> usize {
    let place = shown.iter().position(|known| *known == id).unwrap_or_else(|| {
        shown.push(id);
        shown.len() - 1
    });
    place + 1
}

/// What a person means by `text`: a number of the last list, the end of an id in it, or a whole id.
pub fn resolve(shown: &[Uuid], text: &str) -> Result<Uuid, String> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    if let Ok(number) = text.parse::<usize>()
        && let Some(id) = number.checked_sub(1).and_then(|place| shown.get(place))
    {
        return Ok(*id);
    }
    let end = text.to_lowercase();
    if end.len() < 4 || !end.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
        return Err(format!("{text}: no such number in the last list ({} rows)", shown.len()));
    }
    let mut found = shown.iter().filter(|id| id.to_string().ends_with(&end));
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(*id),
        (Some(_), Some(_)) => Err(format!("{text}: several ids of the last list end so; name more of it")),
        (None, _) => Err(format!("{text}: no id of the last list ends so; give the whole id")),
    }
}

/// Beside it first, then renamed, so that a crash leaves the old file or the new one.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), ClientError> {
    let written = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let beside = path.with_extension(format!("{}.new", std::process::id()));
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&beside)?.write_all(bytes)?;
        fs::rename(&beside, path)
    };
    written().map_err(|error| ClientError::file(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Vec<Uuid> {
        ["01900000-0000-7000-8000-0000000aaaa1", "01900000-0000-7000-8000-0000000baaa1"]
            .map(|text| text.parse().unwrap())
            .to_vec()
    }

    #[test]
    fn a_task_is_named_by_number_by_the_end_of_its_id_or_by_the_whole_id() {
        let ids = ids();
        assert_eq!(resolve(&ids, "1"), Ok(ids[0]));
        assert_eq!(resolve(&ids, "2"), Ok(ids[1]));
        assert_eq!(resolve(&ids, "BAAA1"), Ok(ids[1]));
        let stranger = "01900000-0000-7000-8000-00000000ffff";
        assert_eq!(resolve(&ids, stranger), Ok(stranger.parse().unwrap()));
    }

    #[test]
    fn what_names_nothing_or_too_much_is_refused() {
        let ids = ids();
        for text in ["0", "3", "-1", "milk", "aaa1", "ffff", ""] {
            assert!(resolve(&ids, text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_number_stays_with_its_id() {
        let mut shown = ids();
        let (first, new) = (shown[0], Uuid::nil());
        assert_eq!(number(&mut shown, first), 1);
        assert_eq!(number(&mut shown, new), 3);
        assert_eq!(number(&mut shown, new), 3);
    }

    #[test]
    fn the_file_with_the_token_is_private_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deeper/client.toml");
        let sign_in = SignIn {
            server: Some("http://127.0.0.1:3000".into()),
            email: Some("ann@example.org".into()),
            token: Some("todo_s_secret".to_owned().into()),
        };
        write_private(&path, toml::to_string(&sign_in).unwrap().as_bytes()).unwrap();
        let read: SignIn = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(read.token.unwrap().expose_secret(), "todo_s_secret");
        assert_eq!(read.server, sign_in.server);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
