//! The file: how it is opened, and the list of steps that bring any older schema up to date.
//!
//! `user_version` counts the steps that a file has had; `application_id` tells our files from
//! other programs'. A released step never changes; a change of the schema is a new step.

use std::{
    cmp::Ordering,
    fs::{DirBuilder, OpenOptions},
    path::Path,
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::OpenError;

/// `Cnsl` in ASCII, which `file(1)` and this program recognise.
const APPLICATION_ID: i32 = 0x436e_736c;

/// How long a step waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Pages in the write-ahead log before they are moved into the database (4 MB, SQLite's own
/// default). The move holds the writer up for as long as it takes: with four times as many pages
/// one turn in a hundred waited twice as long under load, and a twentieth more turns went through.
/// Moving them from a thread of its own was no better: both wait for the same disk.
const CHECKPOINT_PAGES: u32 = 1000;

/// Every step from an empty file to today's schema.
const MIGRATIONS: [&str; 3] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
];

/// Today's schema.
#[expect(clippy::cast_possible_truncation, reason = "there are few steps")]
const KNOWN: u32 = MIGRATIONS.len() as u32;

/// Opens a file for writing and for reading, creating and upgrading it as needed.
pub(super) fn open(file: &Path) -> Result<(Connection, Connection), OpenError> {
    create(file)?;
    let mut writer = connect(file)?;
    prepare(&mut writer, file)?;
    Ok((writer, reader(file)?))
}

/// Opens a file that is there, of today's schema. Changes nothing.
pub(super) fn open_as_it_is(file: &Path) -> Result<(Connection, Connection), OpenError> {
    let is_there = file.metadata().is_ok_and(|it| it.is_dir() || it.len() > 0);
    if !is_there {
        return Err(OpenError::Missing {
            what: file.display().to_string(),
        });
    }
    let writer = connect(file)?;
    check_owner(&writer, file)?;
    let found = user_version(&writer).map_err(|error| explain(error, file))?;
    match found.cmp(&KNOWN) {
        Ordering::Less => Err(OpenError::Older {
            what: format!("the database {}", file.display()),
            found,
            known: KNOWN,
        }),
        Ordering::Equal => Ok((writer, reader(file)?)),
        Ordering::Greater => Err(newer(file, found)),
    }
}

fn newer(file: &Path, found: u32) -> OpenError {
    OpenError::Newer {
        what: format!("the database {}", file.display()),
        found,
        known: KNOWN,
    }
}

fn reader(file: &Path) -> Result<Connection, OpenError> {
    let reader = connect(file)?;
    let read_only = |error| explain(error, file);
    reader
        .pragma_update(None, "query_only", true)
        .map_err(read_only)?;
    Ok(reader)
}

/// Creates folder and file where they are missing, readable by their owner only: what customers
/// write is nobody else's business. SQLite gives its side files the same rights.
fn create(file: &Path) -> Result<(), OpenError> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        DirBuilder::new()
            .recursive(true)
            .create(folder)
            .map_err(|source| OpenError::Folder {
                folder: folder.to_owned(),
                source,
            })?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(file)
        .map(drop)
        .map_err(|error| OpenError::File {
            file: file.to_owned(),
            source: error.into(),
        })
}

fn connect(file: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || {
        let connection = Connection::open_with_flags(file, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        Ok(connection)
    };
    open().map_err(|error| explain(error, file))
}

/// Checks whose file it is, and upgrades it.
fn prepare(connection: &mut Connection, file: &Path) -> Result<(), OpenError> {
    let sql = |error| explain(error, file);
    check_owner(connection, file)?;
    connection
        .pragma_update(None, "journal_mode", "wal")
        .map_err(sql)?;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(sql)?;
    let found = user_version(&transaction).map_err(sql)?;
    if found > KNOWN {
        return Err(newer(file, found));
    }
    upgrade(&transaction, found).map_err(sql)?;
    transaction.commit().map_err(sql)
}

fn upgrade(connection: &Connection, found: u32) -> rusqlite::Result<()> {
    for (number, step) in (1_u32..).zip(MIGRATIONS) {
        if number > found {
            connection.execute_batch(step)?;
            connection.pragma_update(None, "user_version", number)?;
        }
    }
    connection.pragma_update(None, "application_id", APPLICATION_ID)
}

fn user_version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Refuses a database with another program's tables.
fn check_owner(connection: &Connection, file: &Path) -> Result<(), OpenError> {
    let id: i32 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(|error| explain(error, file))?;
    let tables: u32 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|error| explain(error, file))?;
    if id == APPLICATION_ID || tables == 0 {
        return Ok(());
    }
    Err(OpenError::NotOurs {
        file: file.to_owned(),
    })
}

fn explain(error: rusqlite::Error, file: &Path) -> OpenError {
    let file = file.to_owned();
    if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
        return OpenError::NotOurs { file };
    }
    OpenError::File {
        file,
        source: error.into(),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::types::Value;

    use super::*;

    #[track_caller]
    fn check_refused(file: &Path, expect: &str) {
        let error = open(file).unwrap_err();
        assert!(error.to_string().contains(expect), "{error}");
        assert!(!error.hint().is_empty());
    }

    #[test]
    fn the_schema_is_a_decision() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, _) = open(&folder.path().join("a.db")).unwrap();
        let mut statement = writer
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rootpage")
            .unwrap();
        let schema: Vec<String> = statement
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        insta::assert_snapshot!(schema.join(";\n"));
    }

    #[test]
    fn a_file_from_every_older_schema_is_upgraded() {
        for version in 0..MIGRATIONS.len() {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("a.db");
            let old = Connection::open(&file).unwrap();
            for (number, step) in (1..).zip(&MIGRATIONS[..version]) {
                old.execute_batch(step).unwrap();
                old.pragma_update(None, "user_version", number).unwrap();
                old.pragma_update(None, "application_id", APPLICATION_ID)
                    .unwrap();
            }
            drop(old);
            let (writer, _) = open(&file).unwrap();
            assert_eq!(
                usize::try_from(user_version(&writer).unwrap()).unwrap(),
                MIGRATIONS.len()
            );
        }
    }

    #[test]
    fn as_it_is_nothing_is_made_and_nothing_upgraded() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/a.db");
        let refused = |expect: &str| {
            let error = open_as_it_is(&file).unwrap_err();
            assert!(error.to_string().contains(expect), "{error}");
        };
        refused("there is no store in");
        assert!(!file.parent().unwrap().exists(), "nothing is made");
        let (writer, _) = open(&file).unwrap();
        open_as_it_is(&file).unwrap();
        writer.pragma_update(None, "user_version", 1).unwrap();
        refused("has format 1, and this program works with format 3");
        assert_eq!(user_version(&writer).unwrap(), 1);
        writer.pragma_update(None, "user_version", 99).unwrap();
        refused("has format 99");
    }

    #[test]
    fn missing_folders_are_created_and_the_file_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/deep/客户.db");
        open(&file).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_newer_schema_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        let (writer, _) = open(&file).unwrap();
        writer.pragma_update(None, "user_version", 99).unwrap();
        check_refused(
            &file,
            "has format 99, and this program knows formats up to 3",
        );
        assert_eq!(user_version(&writer).unwrap(), 99);
    }

    #[test]
    fn other_programs_files_are_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("notes.txt");
        std::fs::write(&text, "no database, ".repeat(100)).unwrap();
        check_refused(&text, "is not a database of this program");
        assert!(std::fs::read_to_string(&text).unwrap().starts_with("no "));

        let foreign = folder.path().join("foreign.db");
        Connection::open(&foreign)
            .unwrap()
            .execute_batch("CREATE TABLE recipe (name TEXT)")
            .unwrap();
        check_refused(&foreign, "is not a database of this program");
    }

    #[test]
    fn a_folder_in_place_of_a_file_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        check_refused(folder.path(), "cannot be opened");
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        check_refused(&file.join("a.db"), "cannot be created");
    }

    #[test]
    fn every_commit_is_synced_to_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, _) = open(&folder.path().join("a.db")).unwrap();
        let setting = |name| {
            let value = writer.pragma_query_value(None, name, |row| row.get::<_, Value>(0));
            format!("{:?}", value.unwrap())
        };
        assert_eq!(setting("journal_mode"), r#"Text("wal")"#);
        assert_eq!(setting("synchronous"), "Integer(2)", "2 is FULL");
        assert_eq!(setting("foreign_keys"), "Integer(1)");
    }
}
