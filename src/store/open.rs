//! From the one setting `store.url` to a store that works, or to an error that says what to do.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use consultant_core::ports::{Cause, Clock, WholeStore};
use secrecy::{ExposeSecret, SecretString};

use crate::{MemoryStore, RedisStore, SqliteStore};

/// How a store behaves, whichever it is.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// How long a session lives after its last turn.
    pub session_timeout: Duration,
    /// How long inbound keys and ended outbox entries are remembered; at least 48 hours, which
    /// a shorter span is raised to.
    pub key_retention: Duration,
    /// What every Redis key begins with, so that several companies can share a server.
    pub key_prefix: String,
    /// Redis's password, where it does not stand in the URL.
    pub redis_password: Option<SecretString>,
    /// In PEM, who vouches for Redis's certificate, where that is nobody whom the machine trusts.
    pub redis_ca_file: Option<PathBuf>,
    /// Whether a store may be made or changed by opening it.
    pub opening: Opening,
}

/// What opening a store may do to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Opening {
    /// A missing store is made, and stored formats are upgraded in place.
    #[default]
    Prepare,
    /// A missing store and an older format are errors, and nothing is changed.
    AsItIs,
}

impl Default for StoreSettings {
    /// Sessions of seven days, keys of 48 hours, prefix `consultant`.
    fn default() -> Self {
        Self {
            session_timeout: Duration::from_hours(7 * 24),
            key_retention: Duration::from_hours(48),
            key_prefix: "consultant".to_owned(),
            redis_password: None,
            redis_ca_file: None,
            opening: Opening::default(),
        }
    }
}

/// Why a store cannot be used. [`OpenError::hint`] says what to try.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names no store that we know.
    #[error("the store URL does not begin with `sqlite:`, `redis://`, `rediss://` or `memory:`")]
    UnknownScheme {
        /// What to write instead.
        hint: String,
    },
    /// The URL names a store but cannot be read further.
    #[error("the store URL cannot be read: {0}")]
    BadUrl(String),
    /// The folder of the database file cannot be made.
    #[error("the folder {} cannot be created: {source}", .folder.display())]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database file cannot be opened.
    #[error("the database {} cannot be opened: {source}", .file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: Cause,
    },
    /// The file is something else.
    #[error("{} is not a database of this program", .file.display())]
    NotOurs {
        /// Which file.
        file: PathBuf,
    },
    /// A newer program wrote it.
    #[error("{what} has format {found}, and this program knows formats up to {known}")]
    Newer {
        /// Which store, without its password.
        what: String,
        /// The stored format.
        found: u32,
        /// The newest format that this program knows.
        known: u32,
    },
    /// There is no store, and none was to be made.
    #[error("there is no store in {what}")]
    Missing {
        /// Where it was looked for, without a password.
        what: String,
    },
    /// An older program wrote it, and it was not to be changed.
    #[error("{what} has format {found}, and this program works with format {known}")]
    Older {
        /// Which store, without its password.
        what: String,
        /// The stored format.
        found: u32,
        /// The format that this program works with.
        known: u32,
    },
    /// The file with the certificate of Redis's authority cannot be used.
    #[error("the certificates in {} cannot be used: {source}", .file.display())]
    Authority {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: Cause,
    },
    /// Nobody answers there.
    #[error("Redis at {address} cannot be reached: {source}")]
    Unreachable {
        /// Host and port.
        address: String,
        /// Why.
        source: Cause,
    },
    /// The server does not let us in.
    #[error("Redis at {address} refuses the user or the password")]
    Refused {
        /// Host and port.
        address: String,
    },
}

impl OpenError {
    /// What to try.
    pub fn hint(&self) -> String {
        match self {
            Self::UnknownScheme { hint } => hint.clone(),
            Self::BadUrl(_) => {
                "write `sqlite:PATH`, `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]` \
                 (`rediss://` for TLS) or `memory:`; percent-encode special characters of the \
                 password"
            }
            .to_owned(),
            Self::Folder { .. } | Self::File { .. } => {
                "check that the path is a file's, that its folder can be written and that the \
                 disk has room"
                    .to_owned()
            }
            Self::NotOurs { .. } => "choose another path, or move that file away".to_owned(),
            Self::Newer { .. } => {
                "run the newer program, or restore the backup that was made before it".to_owned()
            }
            Self::Missing { .. } => {
                "check the store URL and the data folder; serving makes a store that is missing"
                    .to_owned()
            }
            Self::Older { .. } => {
                "serving upgrades it in place; to keep what it was, back it up with the program that \
                 wrote it"
                    .to_owned()
            }
            Self::Authority { .. } => {
                "name a file with certificates in PEM, and use it with `rediss://` only".to_owned()
            }
            Self::Unreachable { .. } => {
                "check that the server runs, that host and port are right, and whether it wants \
                 TLS (`rediss://`)"
                    .to_owned()
            }
            Self::Refused { .. } => {
                "check the user and the password in the store URL or in the configuration"
                    .to_owned()
            }
        }
    }
}

/// Opens the store that a URL names: `sqlite:PATH`, `redis://…`, `rediss://…` or `memory:`.
///
/// [`StoreSettings::opening`] says whether a store may be made or upgraded by that.
pub async fn open(
    url: &SecretString,
    settings: StoreSettings,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn WholeStore>, OpenError> {
    Ok(match parse(url.expose_secret())? {
        Place::Memory => Arc::new(MemoryStore::new(&settings, clock)),
        Place::Sqlite(file) => Arc::new(SqliteStore::open(file, &settings, clock).await?),
        Place::Redis => Arc::new(RedisStore::open(url, &settings, clock).await?),
    })
}

/// Where a store is.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Memory,
    Sqlite(PathBuf),
    Redis,
}

fn parse(url: &str) -> Result<Place, OpenError> {
    let url = url.trim();
    let Some((scheme, rest)) = url.split_once(':') else {
        return Err(unknown_scheme(url, url));
    };
    match scheme.to_ascii_lowercase().as_str() {
        "memory" if rest.trim_matches('/').is_empty() => Ok(Place::Memory),
        "memory" => Err(OpenError::BadUrl("`memory:` takes nothing after it".into())),
        "sqlite" => sqlite_file(rest),
        "redis" | "rediss" if rest.starts_with("//") => Ok(Place::Redis),
        "redis" | "rediss" => Err(OpenError::BadUrl("`//` is missing after its scheme".into())),
        scheme => Err(unknown_scheme(scheme, url)),
    }
}

/// The file of `sqlite:PATH`, where `//` may stand before the path as in other URLs.
fn sqlite_file(rest: &str) -> Result<Place, OpenError> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    match path {
        "" => Err(OpenError::BadUrl("`sqlite:` needs a path after it".into())),
        ":memory:" => Err(OpenError::BadUrl(
            "a store that forgets is written `memory:`".into(),
        )),
        path => Ok(Place::Sqlite(PathBuf::from(path))),
    }
}

/// The error for a URL of no known store. It quotes nothing: what stands where a scheme should
/// stand may be a password.
fn unknown_scheme(scheme: &str, url: &str) -> OpenError {
    let scheme = scheme.to_ascii_lowercase();
    let is_path = scheme.starts_with(['/', '.', '~'])
        || Path::new(url).extension().is_some_and(|kind| kind == "db");
    let begins = |words: &[&str]| words.iter().any(|word| scheme.starts_with(word));
    let hint = if is_path || begins(&["sql", "file", "db"]) {
        "did you mean `sqlite:PATH`?"
    } else if begins(&["red", "valkey", "keydb", "tcp", "unix"]) {
        "did you mean `redis://HOST:PORT`, or `rediss://HOST:PORT` for TLS?"
    } else if begins(&["mem"]) {
        "did you mean `memory:`?"
    } else if begins(&["postgres", "mysql", "mariadb", "mongo"]) {
        "this database is not supported; use `sqlite:PATH` or `redis://HOST:PORT`"
    } else {
        "write for example `sqlite:data/consultant.db` or `redis://127.0.0.1:6379`"
    };
    OpenError::UnknownScheme {
        hint: hint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expect: &Place) {
        assert_eq!(&parse(url).unwrap(), expect);
    }

    #[track_caller]
    fn check_refused(url: &str, expect: &str) {
        let error = parse(url).unwrap_err();
        let text = format!("{error}; {}", error.hint());
        assert!(text.contains(expect), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }

    #[test]
    fn every_known_form_is_understood() {
        check("memory:", &Place::Memory);
        check("memory://", &Place::Memory);
        check("sqlite:data/a.db", &Place::Sqlite("data/a.db".into()));
        check("sqlite:/var/a b.db", &Place::Sqlite("/var/a b.db".into()));
        check("sqlite:///var/a.db", &Place::Sqlite("/var/a.db".into()));
        check(" SQLite:数据.db\n", &Place::Sqlite("数据.db".into()));
        check("redis://:hunter2@localhost", &Place::Redis);
        check("rediss://cache.example.org:6380/2", &Place::Redis);
    }

    #[test]
    fn every_other_form_gets_a_hint_and_no_secret_is_quoted() {
        check_refused("sqlit:hunter2.db", "did you mean `sqlite:PATH`?");
        check_refused("/var/lib/hunter2.db", "did you mean `sqlite:PATH`?");
        check_refused("reddis://:hunter2@x", "did you mean `redis://HOST:PORT`");
        check_refused("valkey://:hunter2@x", "did you mean `redis://HOST:PORT`");
        check_refused("mem:", "did you mean `memory:`?");
        check_refused("postgres://u:hunter2@x", "not supported");
        check_refused("hunter2@localhost:6379", "write for example");
        check_refused("", "write for example");
        check_refused("redis:localhost", "`//` is missing");
        check_refused("sqlite:", "needs a path");
        check_refused("sqlite::memory:", "is written `memory:`");
        check_refused("memory:x", "takes nothing after it");
    }
}
