//! `consultant desk`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::JsonArgs;

/// Options of `desk`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DeskArgs {
    /// What to see instead of the desk.
    #[command(subcommand)]
    pub command: Option<DeskCommand>,

    /// How to open it.
    #[command(flatten)]
    pub open: DeskOpenArgs,
}

/// How to open the desk.
#[derive(Debug, Args)]
pub struct DeskOpenArgs {
    /// Who you are: an agent's `terminal` in config/desk.yaml [default: your login name].
    #[arg(long = "as", value_name = "NAME")]
    pub account: Option<String>,

    /// Speak JSON, one value a line, both ways, for programs.
    #[arg(long)]
    pub json: bool,
}

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
