//! `consultant playbook docs` and `consultant playbook definitions`.

use std::path::PathBuf;

use clap::Args;

use super::JsonArgs;

/// Options of `playbook docs`.
#[derive(Debug, Args)]
pub struct PlaybookDocsArgs {
    /// Write it into this file instead of to standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// Options of `playbook definitions`.
#[derive(Debug, Args)]
pub struct PlaybookDefinitionsArgs {
    /// The folder to write them into; it is made if it is missing. Not one that holds scripts.
    /// Without it the definitions of the playbook's functions go to standard output.
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}
