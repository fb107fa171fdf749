//! The floor: what the database alone does for equal work, without HTTP, without rules, without events' readers.
//!
//! It writes copies of the rows that the program wrote for the same request, in a database with the same schema and
//! the same tasks in it. Only their ids are new.

mod json;
mod postgres;
mod sqlite;

use std::{path::Path, time::Duration};

use anyhow::Result;
use domain::TaskId;

use crate::database::Database;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Create,
    Complete,
    Get,
    List,
}

/// Tasks of each person that are there from the start.
#[derive(Debug, Clone, Copy)]
pub struct Given {
    pub people: u32,
    pub tasks: u32,
}

impl Given {
    /// As many of each person's tasks may be completed in one round, so that there are enough for all rounds.
    pub fn a_round(self) -> u32 {
        self.tasks / 4
    }
}

pub enum Floor {
    Sqlite(sqlite::Floor),
    Postgres(postgres::Floor),
}

impl Floor {
    /// On `database`, which holds the same people and tasks as the one that the program works on; `model` is a task that
    /// the program created there. `None` if this machine lacks what it takes.
    pub async fn new(
        database: &Database,
        program: &Database,
        model: TaskId,
        given: Given,
        folder: &Path,
    ) -> Result<Option<Self>> {
        Ok(match (database.file(), program.file()) {
            (Some(own), Some(of_program)) => {
                Some(Self::Sqlite(sqlite::Floor::new(own, &sqlite::Rows::of(of_program, model)?, given)?))
            }
            _ => postgres::Floor::new(&database.url(), &program.url(), model, given, folder).await?.map(Self::Postgres),
        })
    }

    /// Operations a second, from 32 clients who act for the first `people` people.
    pub async fn measure(&mut self, work: Work, people: u32, lasting: Duration) -> Result<f64> {
        match self {
            Self::Sqlite(floor) => floor.measure(work, people, lasting).await,
            Self::Postgres(floor) => floor.measure(work, people, lasting),
        }
    }

    /// The same in the fewest round trips that the database allows, where that differs.
    pub fn measure_joined(&mut self, work: Work, people: u32, lasting: Duration) -> Result<Option<f64>> {
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Postgres(floor) => floor.measure_joined(work, people, lasting),
        }
    }
}
