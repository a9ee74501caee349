//! `consultant desk`.

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
