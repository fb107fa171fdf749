//! Accounts: register, sign in and out, passwords.
//!
//! All of it stands under `/api/auth`, where the strict rate limit of [`crate::identify`] holds.

pub mod delete_account;
pub mod login;
pub mod password;
pub mod register;
