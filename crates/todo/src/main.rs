//! The one binary: dispatches to its commands.

mod cli;
mod clock;
mod command;
mod config;
mod parts;
mod server;
mod telemetry;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    #[cfg(feature = "failpoints")]
    let _scenario = fail::FailScenario::setup();
    // Else the first HTTPS client would find two providers, or none.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(command::run(cli)) {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

/// One line: what went wrong, and what to set.
fn failed(error: &anyhow::Error) -> ExitCode {
    anstream::eprintln!("{}error:{} {error:#}", anstyle::AnsiColor::Red.on_default().bold(), anstyle::Reset);
    ExitCode::FAILURE
}
