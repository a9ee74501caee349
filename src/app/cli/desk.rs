//! `consultant desk`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::JsonArgs;

/// What to see of the people who answer.
#[derive(Debug, Subcommand)]
pub enum DeskCommand {
    /// How long customers waited for a person, and what became of them.
    #[command(after_help = "\
Examples:
  consultant desk report
  consultant desk report --days 7 --json")]
    Report(DeskReportArgs),

    /// What colleagues proposed with /faq: for review, as entries of an FAQ, as rows to train with.
    ///
    /// Everything stands there as it was said, names and numbers too: review it before you use it.
    #[command(after_help = "\
Examples:
  consultant desk drafts
  consultant desk drafts --faq drafts.yaml --rows rows.jsonl
  consultant desk drafts --json")]
    Drafts(DeskDraftsArgs),
}

/// Options of `desk drafts`.
#[derive(Debug, Args)]
pub struct DeskDraftsArgs {
    /// Also write them as entries of an FAQ into this new file.
    #[arg(long, value_name = "FILE")]
    pub faq: Option<PathBuf>,

    /// Also write them as rows to train with (JSON lines) into this new file.
    #[arg(long, value_name = "FILE")]
    pub rows: Option<PathBuf>,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// Options of `desk report`.
#[derive(Debug, Args)]
pub struct DeskReportArgs {
    /// Of how many days.
    #[arg(long, value_name = "NUMBER", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub days: u32,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}
