//! `consultant conversation`.

use clap::{Args, Subcommand};

use super::JsonArgs;

/// What to see of conversations.
#[derive(Debug, Subcommand)]
pub enum ConversationCommand {
    /// List conversations, the one that spoke last first.
    #[command(after_help = "\
Examples:
  consultant conversation list
  consultant conversation list --limit 100 --json")]
    List(ConversationListArgs),

    /// Show why a turn came out as it did: rules, lines, facts, and why other rules did not fire.
    ///
    /// Rules, facts, slots and times are what was recorded when the turn was answered. Why other
    /// rules did not fire is found by playing the conversation again up to that turn, with the
    /// version of the playbook that answered it, over a store in memory: nothing is sent and
    /// nothing is kept. Shows what the customer said.
    #[command(after_help = "\
Examples:
  consultant conversation explain telegram:7
  consultant conversation explain telegram:7 --turn 3
  consultant conversation explain 0199b1c6-8a3b-7c44-9d3a-5d2f3c1b7a10 --all --json")]
    Explain(ConversationExplainArgs),
}

/// Options of `conversation list`.
#[derive(Debug, Args)]
pub struct ConversationListArgs {
    /// How many, at the most.
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// Options of `conversation explain`.
#[derive(Debug, Args)]
pub struct ConversationExplainArgs {
    /// The id of a conversation, or an address such as `telegram:7`.
    pub who: String,

    /// Which turn, from 1; the last one otherwise.
    #[arg(long, value_name = "NUMBER", conflicts_with = "all", value_parser = clap::value_parser!(u32).range(1..))]
    pub turn: Option<u32>,

    /// Every turn.
    #[arg(long)]
    pub all: bool,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}
