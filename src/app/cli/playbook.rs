//! `consultant playbook`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::JsonArgs;

/// What to do with playbooks.
#[derive(Debug, Subcommand)]
pub enum PlaybookCommand {
    /// Play the conversations of `scripts/tests/*.yaml` and compare what comes of them.
    ///
    /// Each is played through the whole engine, over a store in memory, a clock that stands still
    /// and a model that writes what the test says: nothing reaches a customer. Exits with 1 if
    /// anything came out otherwise, or if there is nothing to play.
    #[command(after_help = "\
A file of conversations:
  conversations:
    - name: two lamps are offered at their price
      turns:
        - says: How much is the Halo desk lamp?
          expect:
            reply: 49.90 EUR          # or a list, or {is, contains, lacks}
            prices: [49.90]           # no amount but these
            stage: advise
        - says: two please
          expect:
            offer: {product: desk-lamp, quantity: 2, price: 99.80 EUR}
            slots: {quantity: 2}
        - after: 24h
          expect:
            reply: {lacks: free}

Also in a turn:         presses: LABEL
Also in `expect`:       actions, escalated, silence, language
Also in a conversation: at, locale, model (what the model writes, in order),
                        any_order (what is said in every order) with expect

Examples:
  consultant playbook test
  consultant playbook test 'two lamps' --junit report.xml")]
    Test(PlaybookTestArgs),

    /// Let customers who do not exist try the playbook, many at once.
    ///
    /// They are described in `scripts/personas.yaml`: what each is after, what it can pay, how
    /// patient it is, what it says. Each is played many times, by rules and by chance from the
    /// seed, through the whole engine, without a model: the same seed plays the same again. Exits
    /// with 1 if an amount was said that the company never stated, or if fewer reached their goal
    /// than `--least-reached` wants.
    #[command(after_help = "\
Examples:
  consultant playbook simulate
  consultant playbook simulate --times 500 --seed 7 --least-reached 80 --json")]
    Simulate(PlaybookSimulateArgs),
}

/// Options of `playbook simulate`.
#[derive(Debug, Args)]
pub struct PlaybookSimulateArgs {
    /// Only personas with these words in their name.
    #[arg(value_name = "WORDS", default_value = "", hide_default_value = true)]
    pub words: String,

    /// The file of personas; `scripts/personas.yaml` beside the playbook's folder otherwise.
    #[arg(long, value_name = "FILE")]
    pub personas: Option<PathBuf>,

    /// How often each persona is played.
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub times: u32,

    /// Where chance begins.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,

    /// So many in a hundred of every persona must reach their goal.
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub least_reached: u32,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// Options of `playbook test`.
#[derive(Debug, Args)]
pub struct PlaybookTestArgs {
    /// Only conversations with these words in their name.
    #[arg(value_name = "WORDS", default_value = "", hide_default_value = true)]
    pub words: String,

    /// Where the conversations are; `scripts/tests` beside the playbook's folder otherwise.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,

    /// Also write what came of them for build servers, as `JUnit` XML.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}
