//! What handlers take: who asks and may, the parsed body and query, ids, preconditions.
//!
//! A permission is an extractor: a handler that takes a [`Writer`] cannot forget to check the scope.

mod body;
mod client;
mod conditional;
mod id;
mod identity;
mod query;
mod words;

pub use body::{IdempotencyHeader, Json, Keyed, OptionalJson};
pub use client::{Client, address_of};
pub use conditional::{IfMatch, IfMatchHeader, IfNoneMatch, IfNoneMatchHeader};
pub use id::{Id, IdPath};
pub use identity::{Authenticated, Bearer, Identity, Known, Reader, SessionOnly, Writer};
pub use query::{Listing, Query};
