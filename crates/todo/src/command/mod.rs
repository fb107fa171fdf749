//! One file each command of the server; the terminal client has a folder of its own.

mod admin;
mod backup;
mod config;
mod demo;
mod doctor;
mod migrate;
mod serve;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::{
    cli::{self, Cli, Command, Server},
    client, config as configuration,
};

pub async fn run(cli: Cli) -> Result<ExitCode> {
    let Cli { flags, json, server, command } = cli;
    let command = command.unwrap_or_else(|| Command::Serve(Server::default()));
    // The client and these two need no configuration of the server, and must work beside a broken one.
    let command = match command {
        Command::Client(command) => {
            client::run(command, client::Call { server, json }).await?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut cli::command(), "todo", &mut std::io::stdout());
            return Ok(ExitCode::SUCCESS);
        }
        Command::Version => {
            anstream::println!("todo {}", env!("CARGO_PKG_VERSION"));
            return Ok(ExitCode::SUCCESS);
        }
        command => command,
    };
    let layers: Vec<_> = std::iter::once(&flags).chain(command.flags()).collect();
    let (config, origins) = configuration::load(&layers)?;
    match command {
        Command::Serve(_) => serve::run(config).await,
        Command::Demo(_) => demo::run(config).await,
        Command::Frontend(_) | Command::Backend(_) | Command::Analytics(_) => {
            bail!("roles on their own come with the services and need --bus kafka or dapr: use `todo serve`")
        }
        Command::Migrate(options) => migrate::run(&config, options.check).await,
        Command::Config(options) => config::run(&origins, options.example, json),
        Command::Doctor(_) => doctor::run(&config, json).await,
        Command::Admin(options) => admin::run(&config, options.what, json).await,
        Command::Backup(options) => backup::backup(&config, &options.file).await,
        Command::Restore(options) => backup::restore(&config, &options.file, options.force).await,
        Command::Client(_) | Command::Completions { .. } | Command::Version => Ok(ExitCode::SUCCESS),
    }
}
