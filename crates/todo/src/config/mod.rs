//! Configuration: each option is a flag, a `TODO_…` variable and a key of `todo.toml`, with one default.
//!
//! Later layers win: default, file, environment, flag. An unknown key is an error that names its source. A secret may
//! stand in a file that `TODO_…_FILE` names. Nothing here is read again while the server runs.

pub mod environment;
mod example;
mod flags;
mod origin;
mod words;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize};

pub use example::example;
pub use flags::Flags;
pub use origin::{Origin, masked};
pub use words::{BusKind, LogFormat, Migrate, Registration, Switch};

use environment::variable;

/// What is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: String,
    pub data_dir: PathBuf,
    pub database_url: Option<String>,
    pub database_migrations_url: Option<String>,
    pub database_pool: u32,
    pub database_statement_cache: usize,
    pub database_notify: Switch,
    pub migrate: Migrate,
    pub bus: BusKind,
    pub state: String,
    pub public_url: Option<String>,
    pub registration: Registration,
    pub rate_limits: Switch,
    pub trust_proxy: Switch,
    pub log: String,
    pub log_format: LogFormat,
    /// Seconds.
    pub shutdown_grace: u64,
    pub trash_days: u16,
}

/// In the order in which they are shown.
const KEYS: [&str; 18] = [
    "listen",
    "data_dir",
    "database_url",
    "database_migrations_url",
    "database_pool",
    "database_statement_cache",
    "database_notify",
    "migrate",
    "bus",
    "state",
    "public_url",
    "registration",
    "rate_limits",
    "trust_proxy",
    "log",
    "log_format",
    "shutdown_grace",
    "trash_days",
];

/// May hold a password, so they can be given as a file too.
const SECRETS: [&str; 2] = ["database_url", "database_migrations_url"];

/// Variables with the prefix that are not options of the server: the file, and the terminal client's.
const NOT_OPTIONS: [&str; 3] = ["config", "server", "token"];

/// Of tests, benchmarks and their services, which start servers.
const NOT_OURS: [&str; 3] = ["test_", "bench_", "services_"];

impl Config {
    fn defaults() -> Self {
        Self {
            listen: "127.0.0.1:3000".into(),
            data_dir: environment::data_dir(),
            database_url: None,
            database_migrations_url: None,
            database_pool: 16,
            database_statement_cache: 256,
            database_notify: Switch::On,
            migrate: Migrate::Auto,
            bus: BusKind::Embedded,
            state: "memory".into(),
            public_url: None,
            registration: Registration::Open,
            rate_limits: Switch::On,
            trust_proxy: Switch::Off,
            log: "info".into(),
            log_format: LogFormat::Auto,
            shutdown_grace: 20,
            trash_days: 30,
        }
    }

    /// The database's URL, the default one spelled out.
    pub fn database_url(&self) -> String {
        let default = || format!("sqlite:{}", self.data_dir.join("todo.sqlite").display());
        self.database_url.clone().unwrap_or_else(default)
    }

    /// What cannot be had, in one line.
    pub fn check(&self) -> Result<()> {
        match self.bus {
            BusKind::Embedded => {}
            BusKind::Kafka | BusKind::Dapr => bail!("--bus kafka and dapr come with the services: use --bus embedded"),
        }
        if self.state != "memory" {
            bail!("--state {} comes with the services: use --state memory", masked(&self.state));
        }
        if let Some(url) = &self.public_url
            && !url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        {
            bail!("--public-url must be a URL such as https://todo.example.org, not {url:?}");
        }
        if self.database_pool == 0 {
            bail!("--database-pool must be at least 1");
        }
        Ok(())
    }
}

/// Reads every layer. `flags` in the order in which they were given: those before the command, those behind it.
pub fn load(flags: &[&Flags]) -> Result<(Config, Vec<Origin>)> {
    let named = flags.iter().rev().find_map(|flags| flags.config.clone());
    let mut figment = below_flags(named)?;
    for flags in flags {
        figment = figment.merge(Serialized::defaults(flags));
    }
    let config: Config = figment.extract().map_err(|error| anyhow::anyhow!("{}", origin::explain(error)))?;
    let mut origins: Vec<_> = KEYS.into_iter().map(|key| origin::origin(&figment, key)).collect();
    if let Some(url) = origins.iter_mut().find(|origin| origin.key == "database_url") {
        url.value = masked(&config.database_url());
    }
    Ok((config, origins))
}

fn below_flags(named: Option<PathBuf>) -> Result<Figment> {
    let mut figment = Figment::from(Serialized::defaults(Config::defaults()));
    match named.or_else(|| variable("TODO_CONFIG").map(PathBuf::from)) {
        Some(path) if !path.is_file() => bail!("the configuration file {} is not there", path.display()),
        Some(path) => figment = figment.merge(Toml::file_exact(path)),
        None if Path::new("todo.toml").is_file() => figment = figment.merge(Toml::file_exact("todo.toml")),
        None => {}
    }
    figment = figment.merge(Env::prefixed("TODO_").ignore(&NOT_OPTIONS).filter(|key| is_option(key.as_str())));
    for key in SECRETS {
        let name = format!("{}_FILE", origin::variable(key));
        if let Some(path) = variable(&name) {
            if variable(&origin::variable(key)).is_some() {
                bail!("{name} and {} are both set: unset one", origin::variable(key));
            }
            let secret = std::fs::read_to_string(&path).with_context(|| format!("{name} names {path}"))?;
            let secret = Serialized::default(key, secret.trim());
            figment = figment.merge(Named { name, secret });
        }
    }
    Ok(figment)
}

/// A secret out of a file goes by the variable that names the file.
struct Named<'s> {
    name: String,
    secret: Serialized<&'s str>,
}

impl figment::Provider for Named<'_> {
    fn metadata(&self) -> figment::Metadata {
        figment::Metadata::named(self.name.clone())
    }

    fn data(&self) -> figment::Result<figment::value::Map<figment::Profile, figment::value::Dict>> {
        self.secret.data()
    }
}

/// A file that holds a secret is read by name, every other `…_FILE` is a mistake; an empty variable is none.
fn is_option(key: &str) -> bool {
    let key = key.to_lowercase();
    let is_secret_file = key.strip_suffix("_file").is_some_and(|secret| SECRETS.contains(&secret));
    let is_foreign = NOT_OURS.iter().any(|prefix| key.starts_with(prefix));
    !is_secret_file && !is_foreign && variable(&origin::variable(&key)).is_some()
}

#[cfg(test)]
mod tests;
