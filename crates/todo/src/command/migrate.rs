//! `todo migrate`: what is missing from the schema, applied or only told.

use std::process::ExitCode;

use anyhow::Result;

use crate::{config::Config, parts};

pub async fn run(config: &Config, check: bool) -> Result<ExitCode> {
    let store = parts::open_store(config).await?;
    let before = parts::schema(&store, config).await?;
    if check {
        anstream::println!("applied {}, known {}", before.applied, before.known);
        return Ok(if before.is_current() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    parts::migrate(&store, config).await?;
    let after = store.schema().await?;
    match after.applied - before.applied {
        0 => anstream::println!("nothing to do: the database is at migration {}", after.applied),
        done => anstream::println!("{done} applied: the database is at migration {}", after.applied),
    }
    Ok(ExitCode::SUCCESS)
}
