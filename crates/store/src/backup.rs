//! Looking after the database file: backup, integrity, size.

use std::path::Path;

use crate::{
    Store, StoreError,
    db::{Db, params},
};

impl Store {
    /// A consistent copy of a SQLite database into a new file, while everything goes on. PostgreSQL has `pg_dump`.
    pub async fn backup(&self, path: &Path) -> Result<(), StoreError> {
        match &*self.db {
            Db::Sqlite(sqlite) => sqlite.backup(path.to_owned()).await,
            Db::Postgres(_) => Err(StoreError::Unsupported("back up PostgreSQL with pg_dump")),
        }
    }

    /// What is wrong with a SQLite file; nothing in a sound one. PostgreSQL checks its own.
    pub async fn integrity_check(&self) -> Result<Vec<String>, StoreError> {
        match &*self.db {
            Db::Sqlite(_) => {
                let found = self.db.all("select integrity_check from pragma_integrity_check", params![], |row| {
                    row.get::<String>("integrity_check")
                });
                Ok(found.await?.into_iter().filter(|line| line != "ok").collect())
            }
            Db::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// In bytes.
    pub async fn size(&self) -> Result<i64, StoreError> {
        let sql = match &*self.db {
            Db::Sqlite(_) => "select page_count * page_size as size from pragma_page_count, pragma_page_size",
            Db::Postgres(_) => "select pg_database_size(current_database()) as size",
        };
        Ok(self.db.one(sql, params![], |row| row.get("size")).await?.unwrap_or(0))
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.db.one("select cast(1 as bigint) as one", params![], |row| row.get::<i64>("one")).await.map(drop)
    }

    /// The version that the database tells of itself.
    pub async fn server_version(&self) -> Result<String, StoreError> {
        let sql = match &*self.db {
            Db::Sqlite(_) => "select sqlite_version() as version",
            Db::Postgres(_) => "select current_setting('server_version') as version",
        };
        Ok(self.db.one(sql, params![], |row| row.get("version")).await?.unwrap_or_default())
    }
}
