//! What can be wrong with what is to be trained.

use std::{io, path::Path};

use consultant_core::ports::TuningError;

/// What to do about a file that is no encoder.
const ENCODER: &str = "name the folder of a sentence encoder with --encoder, or run `consultant \
                       model fetch`";

/// A file is missing or cannot be read.
pub(crate) fn unreadable(file: &Path, error: &io::Error) -> TuningError {
    TuningError::Unusable {
        message: format!("`{}` cannot be read: {error}", file.display()),
        hint: ENCODER.to_owned(),
    }
}

/// A file is there and is not what it should be.
pub(crate) fn unusable(file: &Path, reason: impl std::fmt::Display) -> TuningError {
    TuningError::Unusable {
        message: format!("`{}` cannot be used: {reason}", file.display()),
        hint: ENCODER.to_owned(),
    }
}

/// The folder cannot be written.
pub(crate) fn unwritable(folder: &Path, reason: impl std::fmt::Display) -> TuningError {
    TuningError::Unusable {
        message: format!("`{}` cannot be written: {reason}", folder.display()),
        hint: "name a folder that is not there yet, in one that is".to_owned(),
    }
}

/// The computation itself failed.
pub(crate) fn failed(error: candle_core::Error) -> TuningError {
    TuningError::Failed(Box::new(error))
}
