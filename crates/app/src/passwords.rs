//! Passwords: argon2id in few threads, and the same work for an address that nobody has.

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash::phc::Salt};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::{App, AppError};

/// Hashes under way at once. Each takes 19 MiB and a core for tens of milliseconds; more would only starve requests.
const PERMITS: usize = 2;

/// Verified against when the address is unknown, so that the answer takes as long as for a known one. Made with the
/// default parameters; no password is known for it.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$9gKBSCyQwZCqhLPRBuQk5iGXdjNTbOQ2s7vVmdlQ8Do";

pub(crate) struct Passwords(Semaphore);

impl Default for Passwords {
    fn default() -> Self {
        Self(Semaphore::new(PERMITS))
    }
}

/// 8–200 characters; nothing else is asked of a password (NIST SP 800-63B, section 3.1.1.2).
pub fn parse_password(raw: SecretString) -> Result<SecretString, String> {
    match raw.expose_secret().chars().count() {
        8..=200 => Ok(raw),
        length => Err(format!("must be 8 to 200 characters, got {length}")),
    }
}

impl App {
    pub(crate) async fn hash_password(&self, password: SecretString) -> Result<String, AppError> {
        let mut salt = [0; 16];
        self.random.fill(&mut salt);
        self.blocking(move || {
            let salt = Salt::new(&salt).map_err(internal)?;
            let hash = Argon2::default().hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
            Ok(hash.map_err(internal)?.to_string())
        })
        .await
    }

    /// False for a wrong password, and for no account at all, after the same work.
    pub(crate) async fn verify_password(&self, hash: Option<String>, password: SecretString) -> Result<bool, AppError> {
        self.blocking(move || {
            let known = hash.is_some();
            let hash = hash.as_deref().unwrap_or(DUMMY);
            let hash = PasswordHash::new(hash).map_err(internal)?;
            let matches = Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash).is_ok();
            Ok(known && matches)
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let _permit = self.passwords.0.acquire().await.map_err(internal)?;
        tokio::task::spawn_blocking(work).await.map_err(internal)?
    }
}

fn internal(error: impl std::fmt::Display) -> AppError {
    AppError::Internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Else an unknown address would be answered faster than a known one.
    #[test]
    fn the_dummy_hash_costs_what_a_real_one_does() {
        let dummy = PasswordHash::new(DUMMY).unwrap();
        let params = argon2::Params::try_from(&dummy).unwrap();
        let default = argon2::Params::default();
        assert_eq!(
            (params.m_cost(), params.t_cost(), params.p_cost()),
            (default.m_cost(), default.t_cost(), default.p_cost())
        );
        assert!(Argon2::default().verify_password(b"anything", &dummy).is_err());
        assert_eq!(dummy.hash.map(|hash| hash.len()), Some(32));
    }
}
