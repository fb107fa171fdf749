//! A request that is sent twice takes effect once: its key and its answer are stored in the same commit as its effect.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use domain::UserId;
use serde::Serialize;
use store::{Commit, Duplicate, IdempotencyRecord};

use crate::{App, AppError, Caller};

/// The `Idempotency-Key` of a request, with a fingerprint of everything that makes two requests the same.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    pub key: String,
    /// A digest of method, path and body.
    pub fingerprint: String,
}

/// What a create answers: made now, or the stored answer of the first request with this key.
#[derive(Debug)]
pub enum Outcome<T> {
    Done(T),
    /// The body that the first request was answered with.
    Replayed(String),
}

/// Keys whose first request this process is still working on.
#[derive(Default)]
pub struct InFlight(Mutex<HashSet<(UserId, String)>>);

/// Frees the key when the request is over, however it ends.
pub(crate) struct InFlightGuard {
    app: App,
    entry: (UserId, String),
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.app.in_flight.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.entry);
    }
}

impl App {
    /// Runs `attempt` (read, decide, commit) under the key, if there is one.
    pub(crate) async fn once<T, F>(
        &self,
        caller: &Caller,
        key: Option<&IdempotencyKey>,
        attempt: impl FnMut() -> F,
    ) -> Result<Outcome<T>, AppError>
    where
        F: Future<Output = Result<T, AppError>>,
    {
        let Some(key) = key else { return self.decide(attempt).await.map(Outcome::Done) };
        let _guard = self.enter(caller.id(), &key.key)?;
        if let Some(stored) = self.stored(caller.id(), key).await? {
            return Ok(Outcome::Replayed(stored));
        }
        match self.decide(attempt).await {
            // Another replica answered the same request in the meantime, or an attempt of ours that broke off was stored
            // after all: nothing of this one was. Which uniqueness says so first is the database's choice.
            Err(AppError::Duplicate(duplicate)) => match self.stored(caller.id(), key).await? {
                Some(stored) => Ok(Outcome::Replayed(stored)),
                None if duplicate == Duplicate::IdempotencyKey => Err(AppError::IdempotencyInFlight),
                None => Err(AppError::Duplicate(duplicate)),
            },
            outcome => outcome.map(Outcome::Done),
        }
    }

    fn enter(&self, user: UserId, key: &str) -> Result<InFlightGuard, AppError> {
        let entry = (user, key.to_owned());
        let mut in_flight = self.in_flight.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !in_flight.insert(entry.clone()) {
            return Err(AppError::IdempotencyInFlight);
        }
        Ok(InFlightGuard { app: self.clone(), entry })
    }

    async fn stored(&self, user: UserId, key: &IdempotencyKey) -> Result<Option<String>, AppError> {
        match self.store.idempotency(user, &key.key).await? {
            Some(record) if record.fingerprint != key.fingerprint => Err(AppError::IdempotencyMismatch),
            record => Ok(record.map(|record| record.body)),
        }
    }

    /// Adds the key and the answer to the commit that has the effect.
    pub(crate) fn remember(
        &self,
        commit: &mut Commit,
        caller: &Caller,
        key: Option<&IdempotencyKey>,
        answer: &impl Serialize,
    ) -> Result<(), AppError> {
        if let Some(key) = key {
            let body = serde_json::to_string(answer).map_err(|error| AppError::Internal(error.to_string()))?;
            commit.idempotency(&IdempotencyRecord {
                user_id: caller.id(),
                key: key.key.clone(),
                fingerprint: key.fingerprint.clone(),
                status: 200,
                body,
                created_at: self.now(),
            });
        }
        Ok(())
    }
}
