//! The options as flags. Their help is also what the example of `todo.toml` says.

#![allow(rustdoc::bare_urls, reason = "these comments are the help text, which is no Markdown")]

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::words::{BusKind, LogFormat, Migrate, Registration, Switch};

/// Absent ones leave the layer below.
#[derive(Debug, Clone, Default, Args, Serialize)]
#[command(next_help_heading = "Options of the server, also as TODO_… variables and keys of todo.toml")]
pub struct Flags {
    /// Where to listen [default: 127.0.0.1:3000]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// Where the database file lives [default: the platform's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// sqlite:PATH or postgres://… [default: todo.sqlite in the data folder]
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    /// Where migrations connect when database_url goes through a transaction pooler [default: database_url]
    #[arg(long, global = true, value_name = "URL", hide_short_help = true)]
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
    /// When the database is brought up to this version [default: auto]
    #[arg(long, global = true, value_name = "WHEN", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migrate: Option<Migrate>,
    /// What carries events [default: embedded]
    #[arg(long, global = true, value_name = "BUS", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bus: Option<BusKind>,
    /// Where what replicas share is kept; this version knows memory [default: memory]
    #[arg(long, global = true, value_name = "STATE", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// How people reach this server, such as https://todo.example.org [default: none]
    #[arg(long, global = true, value_name = "URL", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Who may register [default: open]
    #[arg(long, global = true, value_name = "WHO", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// Limits on the requests of one account and of one address [default: on]
    #[arg(long, global = true, value_name = "SWITCH", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limits: Option<Switch>,
    /// Take the client's address from X-Forwarded-For; only behind one proxy that sets it [default: off]
    #[arg(long, global = true, value_name = "SWITCH", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_proxy: Option<Switch>,
    /// What is logged, such as warn or info,store=debug [default: info]
    #[arg(long, global = true, value_name = "FILTER", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// How it is logged [default: auto]
    #[arg(long, global = true, value_name = "FORMAT", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<LogFormat>,
    /// Seconds that requests under way get at the end [default: 20]
    #[arg(long, global = true, value_name = "SECONDS", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutdown_grace: Option<u64>,
    /// Days after which a task in the trash is gone for good [default: 30]
    #[arg(long, global = true, value_name = "DAYS", hide_short_help = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trash_days: Option<u16>,
    /// The configuration file; TODO_CONFIG [default: todo.toml here, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}
