//! Accounts, sessions and API tokens.
//!
//! A token is 256 random bits; the database keeps its SHA-256, so that a copy of the database opens no door. A session
//! ends after a time without use, and in any case after 90 days.

use domain::{
    Email, PersonName, Timestamp, UserId, Zone,
    field::Faults,
    preferences::Preferences,
    user::{DEFAULT_ALL_DAY_TIME, User},
};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use store::{AuditEntry, Commit, Credentials, Duplicate, Token, TokenKind};
use utoipa::ToSchema;

use crate::{
    App, AppError, Caller, Registration, Scope,
    passwords::parse_password,
    view::{SignedIn, UserView},
};

const SESSION_LASTS: SignedDuration = SignedDuration::from_hours(24 * 90);
const SESSION_IDLES: SignedDuration = SignedDuration::from_hours(24 * 14);
const RESET_LASTS: SignedDuration = SignedDuration::from_hours(24);
/// How exact `last_used_at` is; saves a write on almost every request.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// Failed sign-ins that cost nothing; each further one doubles the wait.
const FREE_FAILURES: i64 = 5;
const LONGEST_WAIT_SECONDS: i64 = 15 * 60;

/// Who connects, for the list of sessions and the audit log.
#[derive(Debug, Clone, Default)]
pub struct Client {
    pub user_agent: Option<String>,
    pub address: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterInput {
    pub email: String,
    /// 8–200 characters.
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
    pub name: String,
    /// IANA name; UTC if absent.
    #[serde(default)]
    pub time_zone: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginInput {
    pub email: String,
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordInput {
    #[schema(value_type = String, format = Password)]
    pub current_password: SecretString,
    #[schema(value_type = String, format = Password)]
    pub new_password: SecretString,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPasswordInput {
    /// The one-time token that an operator handed out.
    #[schema(value_type = String)]
    pub token: SecretString,
    #[schema(value_type = String, format = Password)]
    pub new_password: SecretString,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteAccountInput {
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
}

/// What the database keeps of a secret token.
pub fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

impl App {
    pub async fn register(&self, input: RegisterInput, client: &Client) -> Result<SignedIn, AppError> {
        let is_first = self.store.count_users().await? == 0;
        let allowed = match self.registration {
            Registration::Open => true,
            Registration::Invite => is_first,
            Registration::Closed => false,
        };
        if !allowed {
            return Err(AppError::RegistrationClosed);
        }
        let user = self.create_user(input, is_first).await?;
        self.sign_in(user, client, "register").await
    }

    /// The account alone; the first one of a server is its administrator.
    pub async fn create_user(&self, input: RegisterInput, is_admin: bool) -> Result<User, AppError> {
        let mut faults = Faults::default();
        let email = faults.take("email", Email::parse(&input.email));
        let name = faults.take("name", PersonName::parse(&input.name));
        let zone = crate::input::zone(&mut faults, input.time_zone.as_deref(), &Zone::utc());
        let password = faults.take("password", parse_password(input.password));
        faults.check()?;
        let (Some(email), Some(name), Some(zone), Some(password)) = (email, name, zone, password) else {
            return Err(AppError::Internal("a field without a fault is missing".into()));
        };
        let password_hash = self.hash_password(password).await?;
        let user = User {
            id: self.new_id(),
            email,
            name,
            zone,
            all_day_time: DEFAULT_ALL_DAY_TIME,
            is_admin,
            is_disabled: false,
            preferences: Preferences::default(),
            version: 1,
            created_at: self.now(),
        };
        let mut commit = Commit::system();
        commit.create_user(&user, &password_hash);
        match self.commit(commit).await {
            Err(AppError::Duplicate(Duplicate::Email)) => Err(AppError::EmailTaken),
            outcome => outcome.map(|_| user),
        }
    }

    /// The same answer after the same work for an unknown address and for a wrong password. Failures slow down the
    /// account and the address that they come from, exponentially.
    pub async fn login(&self, input: LoginInput, client: &Client) -> Result<SignedIn, AppError> {
        let subjects = self.sign_in_subjects(&input.email, client);
        for subject in &subjects {
            self.refuse_if_blocked(subject).await?;
        }
        let credentials = match Email::parse(&input.email) {
            Ok(email) => self.store.user_by_email(&email).await?,
            Err(_) => None,
        };
        let hash = credentials.as_ref().map(|credentials| credentials.password_hash.clone());
        let verified = self.verify_password(hash, input.password).await?;
        match credentials {
            Some(Credentials { user, .. }) if verified && !user.is_disabled => {
                for subject in &subjects {
                    self.store.clear_sign_in_attempts(subject).await?;
                }
                self.sign_in(user, client, "login").await
            }
            _ => {
                for subject in &subjects {
                    self.note_failure(subject).await?;
                }
                Err(AppError::WrongCredentials)
            }
        }
    }

    fn sign_in_subjects(&self, email: &str, client: &Client) -> Vec<String> {
        let email: String = email.trim().to_lowercase().chars().filter(|c| !c.is_control()).take(254).collect();
        let address = client.address.iter().map(|address| format!("address:{address}"));
        std::iter::once(format!("account:{email}")).chain(address).collect()
    }

    async fn refuse_if_blocked(&self, subject: &str) -> Result<(), AppError> {
        let now = self.now();
        match self.store.sign_in_attempts(subject).await?.and_then(|attempts| attempts.blocked_until) {
            Some(until) if until > now => {
                let seconds = until.duration_since(now).as_secs().max(0);
                Err(AppError::SlowDown(u64::try_from(seconds).unwrap_or(0) + 1))
            }
            _ => Ok(()),
        }
    }

    async fn note_failure(&self, subject: &str) -> Result<(), AppError> {
        let now = self.now();
        let failures = self.store.record_sign_in_failure(subject, now).await?;
        // An address may stand for a whole household or office.
        let free = if subject.starts_with("address:") { FREE_FAILURES * 4 } else { FREE_FAILURES };
        let over = failures.saturating_sub(free).clamp(0, 20);
        if over > 0 {
            let wait = (1_i64 << over).min(LONGEST_WAIT_SECONDS);
            let until = now.checked_add(SignedDuration::from_secs(wait)).unwrap_or(now);
            self.store.block_sign_in(subject, until).await?;
        }
        Ok(())
    }

    async fn sign_in(&self, user: User, client: &Client, action: &'static str) -> Result<SignedIn, AppError> {
        let now = self.now();
        let secret = self.new_secret("todo_s_");
        let expires_at = now.checked_add(SESSION_LASTS).unwrap_or(Timestamp::MAX);
        let mut commit = Commit::system();
        commit.token(
            &Token {
                id: self.new_id(),
                user_id: user.id,
                kind: TokenKind::Session,
                name: "session".into(),
                scopes: Scope::ALL.iter().map(|scope| scope.name().to_owned()).collect(),
                user_agent: client.user_agent.as_ref().map(|agent| agent.chars().take(300).collect()),
                address: client.address.clone(),
                created_at: now,
                last_used_at: Some(now),
                expires_at: Some(expires_at),
                idle_expires_at: now.checked_add(SESSION_IDLES).ok(),
            },
            &token_hash(secret.expose_secret()),
        );
        commit.audit(&self.audit(Some(user.id), action, client));
        self.commit(commit).await?;
        Ok(SignedIn {
            access_token: secret.expose_secret().to_owned(),
            token_type: "bearer",
            expires_at,
            user: UserView::from(&user),
        })
    }

    pub(crate) fn audit(&self, user_id: Option<UserId>, action: &str, client: &Client) -> AuditEntry {
        AuditEntry {
            id: domain::clock::new_uuid(self.now(), &*self.random),
            user_id,
            action: action.into(),
            address: client.address.clone(),
            detail: serde_json::Value::Null,
            created_at: self.now(),
        }
    }

    pub(crate) fn new_secret(&self, prefix: &str) -> SecretString {
        use base64::Engine;
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        format!("{prefix}{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)).into()
    }

    /// Who this token speaks for; `None` for an unknown, expired or revoked one, and for a disabled account.
    pub async fn authenticate(&self, token: &str) -> Result<Option<Caller>, AppError> {
        let Some((token, user)) = self.store.token_by_hash(&token_hash(token)).await? else { return Ok(None) };
        let now = self.now();
        let expired = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        let usable = matches!(token.kind, TokenKind::Session | TokenKind::Api);
        if !usable || user.is_disabled || expired(token.expires_at) || expired(token.idle_expires_at) {
            return Ok(None);
        }
        let is_session = token.kind == TokenKind::Session;
        if token.last_used_at.is_none_or(|last| now.duration_since(last) > TOUCH_EVERY) {
            let idle = if is_session { now.checked_add(SESSION_IDLES).ok() } else { None };
            self.store.touch_token(token.id, now, idle).await?;
        }
        let mut scopes: Vec<Scope> =
            Scope::ALL.into_iter().filter(|scope| token.scopes.iter().any(|name| name == scope.name())).collect();
        if !user.is_admin {
            scopes.retain(|scope| *scope != Scope::Admin);
        }
        Ok(Some(Caller { user, token_id: token.id, is_session, scopes }))
    }

    pub async fn logout(&self, caller: &Caller) -> Result<(), AppError> {
        let mut commit = Commit::system();
        commit.revoke_token(caller.id(), caller.token_id, self.now());
        commit.audit(&self.audit(Some(caller.id()), "logout", &Client::default()));
        self.commit(commit).await.map(drop)
    }

    /// Ends every other session; API tokens go on.
    pub async fn change_password(&self, caller: &Caller, input: ChangePasswordInput) -> Result<(), AppError> {
        self.prove(caller, input.current_password, "current_password").await?;
        let password = parse_password(input.new_password).map_err(|why| AppError::field("new_password", why))?;
        let hash = self.hash_password(password).await?;
        let mut commit = Commit::system();
        commit.password(caller.id(), &hash, self.now());
        commit.revoke_tokens(caller.id(), TokenKind::Session, Some(caller.token_id), self.now());
        commit.audit(&self.audit(Some(caller.id()), "change_password", &Client::default()));
        self.commit(commit).await.map(drop)
    }

    /// A one-time token with which its bearer may set a new password; handed out by an operator.
    pub async fn create_reset_token(&self, user: UserId) -> Result<SecretString, AppError> {
        let secret = self.new_secret("todo_r_");
        let now = self.now();
        let mut commit = Commit::system();
        commit.token(
            &Token {
                id: self.new_id(),
                user_id: user,
                kind: TokenKind::Reset,
                name: "password reset".into(),
                scopes: Vec::new(),
                user_agent: None,
                address: None,
                created_at: now,
                last_used_at: None,
                expires_at: now.checked_add(RESET_LASTS).ok(),
                idle_expires_at: None,
            },
            &token_hash(secret.expose_secret()),
        );
        commit.audit(&self.audit(Some(user), "create_reset_token", &Client::default()));
        self.commit(commit).await?;
        Ok(secret)
    }

    /// Sets a new password and ends every session.
    pub async fn reset_password(&self, input: ResetPasswordInput) -> Result<(), AppError> {
        let wrong = || AppError::field("token", "is not valid, or was used already: ask for a new one");
        let password = parse_password(input.new_password).map_err(|why| AppError::field("new_password", why))?;
        let hash = token_hash(input.token.expose_secret());
        let (token, user) = self.store.token_by_hash(&hash).await?.ok_or_else(wrong)?;
        if token.kind != TokenKind::Reset || token.expires_at.is_some_and(|at| at <= self.now()) {
            return Err(wrong());
        }
        let password_hash = self.hash_password(password).await?;
        let mut commit = Commit::system();
        commit.password(user.id, &password_hash, self.now());
        commit.revoke_token(user.id, token.id, self.now());
        commit.revoke_tokens(user.id, TokenKind::Session, None, self.now());
        commit.audit(&self.audit(Some(user.id), "reset_password", &Client::default()));
        self.commit(commit).await.map(drop)
    }

    /// Everything of the account goes, for good.
    pub async fn delete_account(&self, caller: &Caller, input: DeleteAccountInput) -> Result<(), AppError> {
        self.prove(caller, input.password, "password").await?;
        let mut commit = Commit::system();
        commit.delete_user(caller.id());
        commit.audit(&self.audit(None, "delete_account", &Client::default()));
        self.commit(commit).await.map(drop)
    }

    /// The password once more, before something that cannot be undone.
    async fn prove(&self, caller: &Caller, password: SecretString, field: &str) -> Result<(), AppError> {
        let credentials = self.store.user_by_email(&caller.user.email).await?;
        let hash = credentials.map(|credentials| credentials.password_hash);
        if self.verify_password(hash, password).await? {
            Ok(())
        } else {
            Err(AppError::field(field, "is not the current password"))
        }
    }
}
