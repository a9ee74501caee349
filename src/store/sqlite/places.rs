//! Addresses, also such as move, bookmarks, and how the file is.

use async_trait::async_trait;
use consultant_core::{
    Address, ChannelName, ConversationId, OutboxEntry,
    ports::{Places, StoreError, Upkeep},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{SqliteStore, failure::Failure, steps};
use crate::{
    quarantine::Quarantine,
    record::{decode, decode_channel, decode_conversation, encode_entry},
};

#[async_trait]
impl Places for SqliteStore {
    async fn moved(&self, from: &Address, to: &Address) -> Result<(), StoreError> {
        let (from, to) = (from.clone(), to.clone());
        let quarantine = self.quarantine.clone();
        let step = move |db: &_| moved(db, &quarantine, (&from, &to));
        self.writer.run("moving an address", step).await
    }

    async fn lead(&self, from: &Address, to: ConversationId) -> Result<(), StoreError> {
        let from = from.clone();
        let lead = move |db: &Connection| {
            steps::ensure_conversation(db, &to.to_string())?;
            db.prepare_cached(
                "INSERT INTO address (channel, place, conversation) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET conversation = excluded.conversation",
            )?
            .execute([from.channel.as_str(), &from.place, &to.to_string()])?;
            Ok(())
        };
        self.writer.run("leading an address", lead).await
    }

    async fn part(&self, from: &Address, of: ConversationId) -> Result<(), StoreError> {
        let from = from.clone();
        let part = move |db: &Connection| {
            db.prepare_cached(
                "DELETE FROM address WHERE channel = ?1 AND place = ?2 AND conversation = ?3",
            )?
            .execute([from.channel.as_str(), &from.place, &of.to_string()])?;
            Ok(())
        };
        self.writer.run("parting an address", part).await
    }

    async fn addresses(&self, conversation: ConversationId) -> Result<Vec<Address>, StoreError> {
        let read = move |db: &_| addresses(db, conversation);
        self.reader.run("reading addresses", read).await
    }

    async fn bookmark(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let (name, value) = (name.to_owned(), value.to_owned());
        let write = move |db: &Connection| {
            db.prepare_cached(
                "INSERT INTO bookmark (name, value) VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET value = excluded.value",
            )?
            .execute([&name, &value])?;
            Ok(())
        };
        self.writer.run("setting a bookmark", write).await
    }

    async fn bookmarks(&self, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        let prefix = prefix.to_owned();
        let read = move |db: &_| bookmarks(db, &prefix);
        self.reader.run("reading bookmarks", read).await
    }
}

#[async_trait]
impl Upkeep for SqliteStore {
    async fn at(&self, address: &Address) -> Result<Option<ConversationId>, StoreError> {
        let address = address.clone();
        let read = move |db: &_| {
            let home = home(db, &address)?;
            Ok(home.map(|id| decode_conversation(&id)).transpose()?)
        };
        self.reader.run("looking an address up", read).await
    }

    async fn forget_bookmark(&self, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        let forget = move |db: &Connection| {
            db.prepare_cached("DELETE FROM bookmark WHERE name = ?1")?
                .execute([&name])?;
            Ok(())
        };
        self.writer.run("forgetting a bookmark", forget).await
    }

    async fn damage(&self) -> Result<Vec<String>, StoreError> {
        self.reader.run("checking the file", damage).await
    }
}

/// What SQLite's own check finds: pages, indexes and constraints, and which rows lead nowhere.
fn damage(db: &Connection) -> Result<Vec<String>, Failure> {
    let mut check = db.prepare("PRAGMA quick_check")?;
    let lines = check.query_map([], |row| row.get::<_, String>(0))?;
    let mut found: Vec<String> = lines.collect::<Result<_, _>>()?;
    found.retain(|line| line != "ok");
    let mut check = db.prepare("PRAGMA foreign_key_check")?;
    let strays = check.query_map([], |row| row.get::<_, String>(0))?;
    for table in strays {
        found.push(format!("a row of the table {} belongs to nothing", table?));
    }
    Ok(found)
}

fn home(db: &Connection, address: &Address) -> Result<Option<String>, Failure> {
    let found = db
        .prepare_cached("SELECT conversation FROM address WHERE channel = ?1 AND place = ?2")?
        .query_row([address.channel.as_str(), &address.place], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// An entry that cannot be read stays as it is, and holds up nobody else.
fn moved(
    db: &Connection,
    quarantine: &Quarantine,
    (from, to): (&Address, &Address),
) -> Result<(), Failure> {
    let Some(home) = home(db, from)? else {
        return Ok(());
    };
    db.prepare_cached(
        "INSERT INTO address (channel, place, conversation) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
    )?
    .execute([to.channel.as_str(), &to.place, &home])?;
    let mut statement = db.prepare_cached(
        "SELECT id, body FROM outbox WHERE conversation = ?1 AND ended_at IS NULL",
    )?;
    let pending: Vec<(String, String)> = statement
        .query_map([&home], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (id, body) in pending {
        let name = || format!("outbox entry {id} of conversation {home}");
        let entry = decode::<OutboxEntry>(format_args!("outbox entry {id}"), &body);
        let entry = quarantine.pass(name, entry)?;
        if let Some(entry) = entry.filter(|it| it.address == *from) {
            redirect(db, (&home, &id), entry, to)?;
        }
    }
    Ok(())
}

fn redirect(
    db: &Connection,
    (home, id): (&str, &str),
    entry: OutboxEntry,
    to: &Address,
) -> Result<(), Failure> {
    let address = to.clone();
    let body = encode_entry(&OutboxEntry { address, ..entry })?;
    db.prepare_cached("UPDATE outbox SET body = ?3 WHERE conversation = ?1 AND id = ?2")?
        .execute(params![home, id, body])?;
    Ok(())
}

/// Every address of a conversation, in order.
pub(super) fn addresses(db: &Connection, home: ConversationId) -> Result<Vec<Address>, Failure> {
    let mut statement =
        db.prepare_cached("SELECT channel, place FROM address WHERE conversation = ?1")?;
    let mut rows = statement.query([home.to_string()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let channel: ChannelName = decode_channel(&row.get::<_, String>(0)?)?;
        found.push(Address::new(channel, row.get::<_, String>(1)?));
    }
    found.sort();
    Ok(found)
}

/// Not by a pattern: a name may hold what a pattern gives a meaning to.
fn bookmarks(db: &Connection, prefix: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut statement =
        db.prepare_cached("SELECT name, value FROM bookmark WHERE name >= ?1 ORDER BY name")?;
    let found = statement.query_map([prefix], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let begins = |found: &rusqlite::Result<(String, String)>| {
        found
            .as_ref()
            .map_or(true, |(name, _)| name.starts_with(prefix))
    };
    Ok(found.take_while(begins).collect::<Result<_, _>>()?)
}
