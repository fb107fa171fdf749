//! The API as a whole: its description, and its behaviour over HTTP on a real database.

mod auth;
mod events;
mod harness;
mod http;
mod openapi;
mod tasks;
