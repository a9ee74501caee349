//! What can go wrong inside a step, and what that means for the caller.

use consultant_core::ports::{Cause, StoreError};
use rusqlite::{Error, ErrorCode};

use crate::record::corrupt;

/// A step failed: in SQLite, or by the contract of the store.
#[derive(Debug)]
pub(super) enum Failure {
    Sql(Error),
    Store(StoreError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Failure {
    /// The port's error; `what` says what was tried, and in which file.
    pub(super) fn explain(self, what: &str) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Sql(error) if is_damage(&error) => corrupt(what, error),
            Self::Sql(error) => unavailable(what, error),
        }
    }
}

/// The error for what may succeed later.
pub(super) fn unavailable(what: &str, source: impl Into<Cause>) -> StoreError {
    StoreError::Unavailable {
        what: what.to_owned(),
        source: source.into(),
    }
}

/// Whether waiting cannot help.
fn is_damage(error: &Error) -> bool {
    match error {
        Error::SqliteFailure(failure, _) => matches!(
            failure.code,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase
        ),
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::Utf8Error(..) => true,
        _ => false,
    }
}
