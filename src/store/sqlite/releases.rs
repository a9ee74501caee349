//! Versions of the playbook, and what was decided about them.

use async_trait::async_trait;
use consultant_core::{
    KeptVersion, PlaybookVersion, ReleaseEvent,
    ports::{ReleaseLog, StoreError},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{SqliteStore, failure::Failure, steps::as_sql};
use crate::release::{decode_release, decode_version, encode_release, encode_version};

#[async_trait]
impl ReleaseLog for SqliteStore {
    async fn keep_version(&self, version: &KeptVersion) -> Result<(), StoreError> {
        let (id, body) = (version.id.clone(), encode_version(version)?);
        let keep = move |db: &Connection| {
            db.prepare_cached(
                "INSERT INTO playbook_version (id, body) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?
            .execute([id.as_str(), &body])?;
            Ok(())
        };
        self.writer.run("keeping a playbook version", keep).await
    }

    async fn kept_version(&self, id: &PlaybookVersion) -> Result<Option<KeptVersion>, StoreError> {
        let id = id.clone();
        let read = move |db: &_| kept_version(db, &id);
        self.reader.run("reading a playbook version", read).await
    }

    async fn kept_versions(&self) -> Result<Vec<PlaybookVersion>, StoreError> {
        let read = |db: &Connection| {
            let mut statement = db.prepare_cached("SELECT id FROM playbook_version ORDER BY id")?;
            let ids = statement.query_map([], |row| row.get::<_, String>(0))?;
            Ok(ids
                .map(|id| id.map(PlaybookVersion))
                .collect::<Result<_, _>>()?)
        };
        self.reader.run("listing playbook versions", read).await
    }

    async fn add_release(&self, event: &ReleaseEvent) -> Result<bool, StoreError> {
        let (number, body) = (as_sql(event.number), encode_release(event)?);
        let add = move |db: &Connection| {
            let added = db
                .prepare_cached(
                    "INSERT INTO release (number, body) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?
                .execute(params![number, body])?;
            Ok(added == 1)
        };
        self.writer.run("adding a decision", add).await
    }

    async fn releases(&self, after: u64) -> Result<Vec<ReleaseEvent>, StoreError> {
        let read = move |db: &_| releases(db, after);
        self.reader.run("reading decisions", read).await
    }
}

fn kept_version(db: &Connection, id: &PlaybookVersion) -> Result<Option<KeptVersion>, Failure> {
    let body: Option<String> = db
        .prepare_cached("SELECT body FROM playbook_version WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?;
    Ok(body.map(|body| decode_version(id, &body)).transpose()?)
}

fn releases(db: &Connection, after: u64) -> Result<Vec<ReleaseEvent>, Failure> {
    let mut statement =
        db.prepare_cached("SELECT number, body FROM release WHERE number > ?1 ORDER BY number")?;
    let mut rows = statement.query([as_sql(after)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let number = row.get::<_, i64>(0)?.unsigned_abs();
        found.push(decode_release(number, &row.get::<_, String>(1)?)?);
    }
    Ok(found)
}
