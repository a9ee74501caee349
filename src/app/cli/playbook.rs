//! `consultant playbook`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{JsonArgs, PlaybookDefinitionsArgs, PlaybookDocsArgs};

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

    /// Print everything that a playbook can declare, do and see.
    ///
    /// Each function with what it does, what it takes and complains about, and an example. As
    /// Markdown, or with --json for programs.
    #[command(after_help = "\
Examples:
  consultant playbook docs | less
  consultant playbook docs --out docs/playbook-reference.md")]
    Docs(PlaybookDocsArgs),

    /// Write what editors need to colour and complete playbooks.
    ///
    /// Definition files for Rhai's language server (playbook.d.rhai, rhai.d.rhai) and a TextMate
    /// grammar (rhai-playbook.tmLanguage.json), all of this very version.
    #[command(after_help = "\
Example:
  consultant playbook definitions --out editor")]
    Definitions(PlaybookDefinitionsArgs),
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
