//! What can be wrong with a model's files.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why a model cannot be used.
#[derive(Debug, Error)]
pub enum PerceptionError {
    /// A file is missing or cannot be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is there and is not what it should be.
    #[error("`{}` cannot be used: {reason}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl PerceptionError {
    pub(crate) fn unusable(path: impl Into<PathBuf>, reason: impl std::fmt::Display) -> Self {
        Self::Unusable {
            path: path.into(),
            reason: format!("{reason}"),
        }
    }
}
