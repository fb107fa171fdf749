//! Configuration: each option is a flag, a `TODO_…` variable and a key of `todo.toml`, with one default.
//!
//! Later layers win: default, file, environment, flag. An unknown key is an error that names its source. The
//! environment is read here and nowhere else.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize};

/// Variables with the prefix that are not options of the server.
const NOT_OPTIONS: [&str; 3] = ["config", "server", "token"];

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
    pub bus: BusKind,
    pub state: String,
    pub public_url: Option<String>,
    pub registration: Registration,
    pub rate_limits: Switch,
    pub trust_proxy: Switch,
    pub log: String,
    pub log_format: LogFormat,
    pub shutdown_grace: u64,
    pub trash_days: u32,
}

/// The same options as flags: absent ones leave the layer below.
#[derive(Debug, Clone, Default, Args, Serialize)]
#[command(next_help_heading = "Server options (also TODO_… variables and keys of todo.toml)")]
pub struct Flags {
    /// Where to listen [default: 127.0.0.1:3000]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// Where the database file lives [default: the platform's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://…` [default: todo.sqlite in the data folder]
    #[arg(long, global = true, value_name = "URL", hide_env_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    /// Where migrations connect when `database-url` goes through a pooler
    #[arg(long, global = true, value_name = "URL", hide = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_migrations_url: Option<String>,
    /// Most connections to PostgreSQL [default: 16]
    #[arg(long, global = true, value_name = "N", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_pool: Option<u32>,
    /// Prepared statements kept by each connection; 0 behind a transaction pooler [default: 256]
    #[arg(long, global = true, value_name = "N", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_statement_cache: Option<usize>,
    /// Wake other processes through PostgreSQL's NOTIFY; off behind a transaction pooler [default: on]
    #[arg(long, global = true, value_name = "SWITCH", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_notify: Option<Switch>,
    /// What carries events [default: embedded]
    #[arg(long, global = true, hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bus: Option<BusKind>,
    /// What is shared by replicas: `memory` [default: memory]
    #[arg(long, global = true, value_name = "STATE", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// How people reach this server, such as https://todo.example.org
    #[arg(long, global = true, value_name = "URL", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Who may register [default: open]
    #[arg(long, global = true, hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// Limits on requests of one account and one address [default: on]
    #[arg(long, global = true, value_name = "SWITCH", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limits: Option<Switch>,
    /// Take the client's address from X-Forwarded-For; only behind one proxy that sets it [default: off]
    #[arg(long, global = true, value_name = "SWITCH", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_proxy: Option<Switch>,
    /// What is logged, such as `info` or `info,store=debug` [default: info]
    #[arg(long, global = true, value_name = "FILTER", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// How it is logged [default: auto]
    #[arg(long, global = true, hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<LogFormat>,
    /// Seconds that requests under way get at the end [default: 20]
    #[arg(long, global = true, value_name = "SECONDS", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutdown_grace: Option<u64>,
    /// Days that the trash is kept [default: 30]
    #[arg(long, global = true, value_name = "DAYS", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trash_days: Option<u32>,
    /// The configuration file [default: todo.toml here, if there is one; TODO_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }
    )+};
}

words! {
    Switch { On, Off }
    BusKind {
        /// Consumers in this process
        Embedded,
        Kafka,
        Dapr
    }
    Registration {
        Open,
        /// The first account only; then `todo admin users create`
        Invite,
        Closed
    }
    LogFormat {
        /// Human on a terminal, else JSON
        Auto,
        Human,
        Json
    }
}

impl Switch {
    pub fn is_on(self) -> bool {
        self == Self::On
    }
}

impl Config {
    fn defaults() -> Self {
        Self {
            listen: "127.0.0.1:3000".into(),
            data_dir: default_data_dir(),
            database_url: None,
            database_migrations_url: None,
            database_pool: 16,
            database_statement_cache: 256,
            database_notify: Switch::On,
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

    /// What cannot be had yet, in one line.
    pub fn check(&self) -> Result<()> {
        match self.bus {
            BusKind::Embedded => {}
            BusKind::Kafka | BusKind::Dapr => bail!("--bus kafka and dapr come with the services: use --bus embedded"),
        }
        if self.state != "memory" {
            bail!("--state {} comes with the services: use --state memory", self.state);
        }
        Ok(())
    }
}

/// A value and where it came from, for `todo config`.
pub struct Origin {
    pub key: &'static str,
    pub value: String,
    pub source: String,
}

/// Reads every layer.
pub fn load(flags: &Flags) -> Result<(Config, Vec<Origin>)> {
    let figment = figment(flags)?;
    let config: Config = figment.extract().map_err(|error| anyhow::anyhow!("{}", explain(error)))?;
    let origins = KEYS.into_iter().map(|key| origin(&figment, key)).collect();
    Ok((config, origins))
}

const KEYS: [&str; 17] = [
    "listen",
    "data_dir",
    "database_url",
    "database_migrations_url",
    "database_pool",
    "database_statement_cache",
    "database_notify",
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

fn figment(flags: &Flags) -> Result<Figment> {
    let mut figment = Figment::from(Serialized::defaults(Config::defaults()));
    let named = flags.config.clone().or_else(|| variable("TODO_CONFIG").map(PathBuf::from));
    match named {
        Some(path) if !path.is_file() => bail!("the configuration file {} is not there", path.display()),
        Some(path) => figment = figment.merge(Toml::file_exact(path)),
        None if Path::new("todo.toml").is_file() => figment = figment.merge(Toml::file_exact("todo.toml")),
        None => {}
    }
    let files = |key: &figment::value::UncasedStr| !key.as_str().to_lowercase().ends_with("_file");
    figment = figment.merge(Env::prefixed("TODO_").ignore(&NOT_OPTIONS).filter(files));
    for key in ["database_url", "database_migrations_url"] {
        let name = format!("TODO_{}_FILE", key.to_uppercase());
        if let Some(path) = variable(&name) {
            let secret = std::fs::read_to_string(&path).with_context(|| format!("{name} names {path}"))?;
            figment = figment.merge(Serialized::default(key, secret.trim()));
        }
    }
    Ok(figment.merge(Serialized::defaults(flags)))
}

fn origin(figment: &Figment, key: &'static str) -> Origin {
    let value = figment.find_value(key).ok();
    let shown = match value.as_ref().and_then(|value| serde_json::to_value(value).ok()) {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(text)) if key.ends_with("_url") => masked(&text),
        Some(serde_json::Value::String(text)) => text,
        Some(other) => other.to_string(),
    };
    let metadata = figment.find_metadata(key);
    let source = match metadata.map(|metadata| (metadata.name.to_string(), metadata.source.as_ref())) {
        Some((name, _)) if name.contains("environment") => format!("TODO_{}", key.to_uppercase()),
        Some((_, Some(source))) if source.file_path().is_some() => source.to_string(),
        Some((name, _)) if name.contains("Flags") => format!("--{}", key.replace('_', "-")),
        Some((name, _)) if name.contains("Config") => "default".into(),
        Some((name, _)) => name,
        None => "default".into(),
    };
    Origin { key, value: shown, source }
}

/// A URL without its password.
pub fn masked(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            let _ = parsed.set_password(Some("***"));
            parsed.to_string()
        }
        _ => url.to_owned(),
    }
}

fn explain(error: figment::Error) -> String {
    let lines: Vec<String> = error.into_iter().map(|error| error.to_string()).collect();
    lines.join("; ")
}

fn default_data_dir() -> PathBuf {
    let home = || variable("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from);
    if cfg!(target_os = "macos") {
        home().join("Library/Application Support/todo")
    } else {
        variable("XDG_DATA_HOME").map_or_else(|| home().join(".local/share"), PathBuf::from).join("todo")
    }
}

/// Where the terminal client keeps its token.
pub fn client_config_dir() -> PathBuf {
    let home = || variable("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from);
    variable("XDG_CONFIG_HOME").map_or_else(|| home().join(".config"), PathBuf::from).join("todo")
}

/// A variable that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    #[allow(clippy::disallowed_methods, reason = "this is where the environment comes in")]
    let value = std::env::var(name).ok();
    value.filter(|value| !value.is_empty())
}
