//! `consultant new`.

use std::path::PathBuf;

use clap::Args;

use super::JsonArgs;
use crate::starters::Starter;

/// Options of `new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The folder; it is made if it is missing.
    #[arg(value_name = "FOLDER", required_unless_present = "list")]
    pub folder: Option<PathBuf>,

    /// What to start from.
    #[arg(long, value_name = "STARTER", default_value = "shop")]
    pub from: Starter,

    /// Write over files that are there.
    #[arg(long)]
    pub force: bool,

    /// Only list what there is to start from.
    #[arg(long, conflicts_with_all = ["folder", "force"])]
    pub list: bool,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}
