//! `todo config`: what is in force, and where each value came from.

use std::process::ExitCode;

use anyhow::Result;
use comfy_table::{Table, presets::NOTHING};
use serde_json::{Map, json};

use crate::config::Origin;

pub fn run(origins: &[Origin], as_json: bool) -> Result<ExitCode> {
    if as_json {
        let entries: Map<_, _> = origins
            .iter()
            .map(|origin| (origin.key.to_owned(), json!({"value": origin.value, "source": origin.source})))
            .collect();
        anstream::println!("{}", serde_json::to_string_pretty(&entries)?);
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["option", "value", "from"]);
    for origin in origins {
        table.add_row([origin.key, &origin.value, &origin.source]);
    }
    anstream::println!("{table}");
    Ok(ExitCode::SUCCESS)
}
