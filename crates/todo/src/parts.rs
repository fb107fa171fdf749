//! What commands are made of: the database opened with clear errors, and the use cases over it.

use std::{fs, path::Path, sync::Arc};

use anyhow::{Context, Result, bail};
use app::App;
use store::{Kind, Schema, Store, StoreOptions, Target};

use crate::{
    clock::{OsRandom, SystemClock},
    config::{self, Config, Registration},
};

/// Opens the database that the configuration names; a SQLite file's folder is made.
pub async fn open_store(config: &Config) -> Result<Store> {
    let url = config.database_url();
    let mut options =
        StoreOptions::from_url(&url).with_context(|| format!("--database-url {}", config::masked(&url)))?;
    options.connections = config.database_pool;
    options.statement_cache = config.database_statement_cache;
    options.notify = config.database_notify.is_on();
    options.migrations_url.clone_from(&config.database_migrations_url);
    if let Target::Sqlite(path) = &options.target {
        make_folder(path)?;
    }
    Store::open(options).await.with_context(|| unusable(config))
}

fn unusable(config: &Config) -> String {
    let shown = config::masked(&config.database_url());
    format!("cannot use the database {shown}: check --database-url (TODO_DATABASE_URL)")
}

/// Where its schema stands: on PostgreSQL the first question that it is asked.
pub async fn schema(store: &Store, config: &Config) -> Result<Schema> {
    store.schema().await.with_context(|| unusable(config))
}

/// For its owner alone, because it holds everything that people wrote.
fn make_folder(file: &Path) -> Result<()> {
    let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .with_context(|| format!("the data folder {} cannot be made: choose another with --data-dir", folder.display()))
}

/// Held while a process serves a SQLite file: a second one would miss the first one's wake-ups and its locks.
pub struct Serving(#[expect(dead_code, reason = "its lock ends with it")] Option<fs::File>);

pub fn claim_file(config: &Config) -> Result<Serving> {
    let Ok(StoreOptions { target: Target::Sqlite(path), .. }) = StoreOptions::from_url(&config.database_url()) else {
        return Ok(Serving(None));
    };
    make_folder(&path)?;
    let lock = path.with_extension("lock");
    let file = fs::File::create(&lock)
        .with_context(|| format!("{} cannot be written: choose another folder with --data-dir", lock.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Serving(Some(file))),
        Err(fs::TryLockError::WouldBlock) => bail!(
            "{} is served by another process: stop it, choose another --data-dir, or use PostgreSQL for several",
            path.display()
        ),
        Err(fs::TryLockError::Error(error)) => Err(error).context(lock.display().to_string()),
    }
}

/// Applies what is missing. A schema that is newer than this binary knows is fine: migrations only add.
pub async fn migrate(store: &Store, config: &Config) -> Result<()> {
    store.migrate().await.with_context(|| unusable(config))
}

pub fn app(store: Store, config: &Config, role: &str) -> App {
    let registration = match config.registration {
        Registration::Open => app::Registration::Open,
        Registration::Invite => app::Registration::Invite,
        Registration::Closed => app::Registration::Closed,
    };
    App::new(store, Arc::new(SystemClock), Arc::new(OsRandom), role, registration)
}

/// For commands that need a migrated database and no server.
pub async fn ready_app(config: &Config) -> Result<App> {
    let store = open_store(config).await?;
    if store.kind() == Kind::Sqlite {
        migrate(&store, config).await?;
    }
    if !schema(&store, config).await?.is_current() {
        bail!("the database is older than this program: run `todo migrate`");
    }
    Ok(app(store, config, "admin"))
}
