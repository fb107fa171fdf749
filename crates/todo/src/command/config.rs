//! `todo config`: what is in force, and where each value came from.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Map, json};

use crate::{
    config::{Origin, example},
    terminal::{finish, print, print_json, table},
};

pub fn run(origins: &[Origin], as_example: bool, as_json: bool) -> Result<ExitCode> {
    if as_example {
        print(example().trim_end())?;
        return Ok(ExitCode::SUCCESS);
    }
    if as_json {
        let entries: Map<_, _> = origins
            .iter()
            .map(|origin| (origin.key.to_owned(), json!({"value": origin.value, "source": origin.source})))
            .collect();
        print_json(&entries)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = table(["option", "value", "from"]);
    for origin in origins {
        table.add_row([origin.key, &origin.value, &origin.source]);
    }
    print(finish(&mut table))?;
    Ok(ExitCode::SUCCESS)
}
