//! One file each command.

mod admin;
mod backup;
mod config;
mod demo;
mod doctor;
mod migrate;
mod serve;

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::CommandFactory;

use crate::{
    cli::{Cli, Command, Serve},
    config as configuration,
};

pub async fn run(cli: Cli) -> Result<ExitCode> {
    let (config, origins) = configuration::load(&cli.flags)?;
    match cli.command.unwrap_or(Command::Serve(Serve::default())) {
        Command::Serve(options) => serve::run(config, &options).await,
        Command::Frontend | Command::Backend | Command::Notifications | Command::Analytics => {
            bail!("roles on their own come with the services and need --bus kafka or dapr: use `todo serve`")
        }
        Command::Demo => demo::run(config).await,
        Command::Migrate { check } => migrate::run(&config, check).await,
        Command::Config { json } => config::run(&origins, json),
        Command::Doctor { json } => doctor::run(&config, json).await,
        Command::Admin(admin) => admin::run(&config, admin).await,
        Command::Backup { file } => backup::backup(&config, &file).await,
        Command::Restore { file, force } => backup::restore(&config, &file, force).await,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "todo", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}
