//! `todo backup` and `todo restore`: a SQLite database as one file.

use std::{fs, path::Path, process::ExitCode, time::Duration};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use store::{Store, StoreOptions, Target};

use crate::{config::Config, parts};

fn working(message: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(message.to_owned());
    bar.set_style(ProgressStyle::default_spinner());
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

pub async fn backup(config: &Config, file: &Path) -> Result<ExitCode> {
    if file.exists() {
        bail!("{} is there already: name a new file", file.display());
    }
    let Target::Sqlite(source) = StoreOptions::from_url(&config.database_url())?.target else {
        bail!("back up PostgreSQL with pg_dump");
    };
    if !source.is_file() {
        bail!("{} is not there: nothing to back up", source.display());
    }
    let store = parts::open_store(config).await?;
    let bar = working("copying the database");
    let copied = store.backup(file).await;
    bar.finish_and_clear();
    copied.context("the backup failed")?;
    only_for_its_owner(file)?;
    check(file).await?;
    let size = fs::metadata(file)?.len();
    anstream::println!("{}: {:.1} MiB, checked", file.display(), size as f64 / 1_048_576.0);
    Ok(ExitCode::SUCCESS)
}

/// The database that was there is kept beside the new one.
pub async fn restore(config: &Config, file: &Path, force: bool) -> Result<ExitCode> {
    let Target::Sqlite(target) = StoreOptions::from_url(&config.database_url())?.target else {
        bail!("restore PostgreSQL with pg_restore");
    };
    if !file.is_file() {
        bail!("{} is not there", file.display());
    }
    let _serving = parts::claim_file(config)?;
    check(file).await?;
    if target.exists() {
        if !force {
            bail!("{} is there already: add --force to replace it (it is kept beside)", target.display());
        }
        let kept = target.with_extension("sqlite.before-restore");
        // Opening it folds its write-ahead log into the file, so that the kept one is whole.
        let store = parts::open_store(config).await?;
        if kept.exists() {
            fs::remove_file(&kept)?;
        }
        store.backup(&kept).await.context("the database that is there cannot be kept")?;
        store.close().await;
        for suffix in ["", "-wal", "-shm"] {
            let mut path = target.clone().into_os_string();
            path.push(suffix);
            if Path::new(&path).exists() {
                fs::remove_file(&path)?;
            }
        }
        anstream::println!("the database that was there is kept as {}", kept.display());
    }
    // Beside it first, then renamed: a crash leaves the old state or the new one, never half of it.
    let beside = target.with_extension("sqlite.restoring");
    fs::copy(file, &beside).with_context(|| format!("{} cannot be written", beside.display()))?;
    fs::File::open(&beside)?.sync_all()?;
    fs::rename(&beside, &target)?;
    anstream::println!("restored {} from {}", target.display(), file.display());
    Ok(ExitCode::SUCCESS)
}

/// A backup holds what the database holds.
fn only_for_its_owner(file: &Path) -> Result<()> {
    #[cfg(unix)]
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

async fn check(file: &Path) -> Result<()> {
    let opened = Store::open(StoreOptions::sqlite(file)).await;
    let store = opened.with_context(|| format!("{} is no database of ours", file.display()))?;
    let broken = store.integrity_check().await?;
    let applied = store.schema().await?.applied;
    store.close().await;
    if !broken.is_empty() {
        bail!("{} is damaged: {}", file.display(), broken.join("; "));
    }
    if applied == 0 {
        bail!("{} holds no tasks: it is no database of ours", file.display());
    }
    Ok(())
}
