//! The API as a whole: its description, and its behaviour over HTTP on a real database.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod auth;
mod events;
mod harness;
mod http;
mod openapi;
mod tasks;
