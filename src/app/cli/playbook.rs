//! `consultant playbook`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{
    DecisionArgs, JsonArgs, PlaybookDefinitionsArgs, PlaybookDiffArgs, PlaybookDocsArgs,
    PlaybookHistoryArgs, PlaybookPublishArgs, PlaybookRecallArgs, PlaybookReplayArgs,
    PlaybookResultsArgs, PlaybookRollbackArgs, PlaybookStopArgs,
};

/// What to do with playbooks.
#[derive(Debug, Subcommand)]
pub enum PlaybookCommand {
    /// Play the conversations of `scripts/tests/*.yaml` and compare what comes of them.
    ///
    /// Each is played through the whole engine, over a store in memory, a clock that stands still
    /// and a model that writes what the test says: nothing reaches a customer. Tells which lines
    /// and branches of the playbook and of the rules beside it ran. Exits with 1 if anything came
    /// out otherwise, if there is nothing to play, or if fewer branches ran than
    /// `--least-branches` wants.
    #[command(after_help = "\
A file of conversations:
  conversations:
    - name: two lamps are offered at their price
      turns:
        - says: How much is the Halo desk lamp?
          expect:
            reply: 49.90 EUR          # or a list, or {is, contains, lacks, matches}
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
Also in a conversation: at, channel (telegram, discord, terminal), locale,
                        served_as (as {group: wholesale, region: CH, currency: USD}),
                        model (what the model writes, in order; or none),
                        any_order (what is said in every order) with expect

In the same files, cases of FAQ rules (scripts/faq.rhai):
  faq_rules:
    - name: what colleagues answer again and again is drafted
      exchange:                       # also language: zh, nearest: {id: returns, score: 0.4}
        {question: Do you gift-wrap?, answer: Yes., asked_times: 3, source: person}
      expect: {answer: 'Yes', tags: [gifts], review: true}    # or none

`matches` takes a regular expression: reply: {matches: '[0-9]+[.]90 EUR'}

Examples:
  consultant playbook test
  consultant playbook test 'two lamps' --junit report.xml
  consultant playbook test --least-branches 95 --coverage lcov.info")]
    Test(PlaybookTestArgs),

    /// Let customers who do not exist try the playbook, many at once.
    ///
    /// They are described in `scripts/personas.yaml`: what each is after, what it can pay, how
    /// patient it is, what it says. Each is played many times, by rules and by chance from the
    /// seed, through the whole engine: the same seed plays the same again. The local model may
    /// put what they mean into words of its own, and write where the playbook asks it. Exits
    /// with 1 if an amount was said that the company never stated, or if fewer reached their goal
    /// than `--least-reached` wants.
    #[command(after_help = "\
Examples:
  consultant playbook simulate
  consultant playbook simulate --times 500 --seed 7 --least-reached 80 --json
  consultant playbook simulate --times 5 --customers model --replies model")]
    Simulate(PlaybookSimulateArgs),

    /// Talk to the playbook, and write the talk down as a test.
    ///
    /// Each line is what a customer says; `/press LABEL` presses a button, `/after 24h` lets time
    /// pass. At the end of standard input the talk is written as a conversation, with all that
    /// came of it as what must come of it, and played once. The clock stands still, nothing is
    /// kept in the store, and nothing reaches a customer. Replies go to standard error, the test to
    /// standard output or into a file.
    #[command(after_help = "\
Examples:
  consultant playbook record --out scripts/tests/lamps.yaml
  consultant playbook record --conversation telegram:7 --out scripts/tests/seven.yaml
  printf 'How much is the Halo desk lamp?\\ntwo please\\n' | consultant playbook record")]
    Record(PlaybookRecordArgs),

    /// Run recorded conversations with a changed playbook, and tell what comes out otherwise.
    ///
    /// Each is run through the whole engine twice: with the version that answered it, and with the
    /// scripts as they are now, over a store in memory and a clock that stands at the recorded
    /// times. Nothing is sent, nothing is written, and no model is asked: where one would write,
    /// both get the same words. Tells which stages, prices, actions, replies and escalations
    /// change, how often, and examples of each in which addresses, numbers and links of customers
    /// are masked. Names are not: look at a report before you pass it on.
    #[command(after_help = "\
Examples:
  consultant playbook replay
  consultant playbook replay --since 7d --limit 1000 --json
  consultant playbook replay --base live --against trial")]
    Replay(PlaybookReplayArgs),

    /// Tell what became of the conversations of each version, and how a trial stands.
    ///
    /// How many began, became deals (stages with `.won()`), needed a person, and came how far. A
    /// trial is compared conversation by conversation, each judged the same time after it began;
    /// what is said of it holds at any time of looking, however often you look. Talks in the terminal
    /// (`consultant chat`) are your own and do not count.
    #[command(after_help = "\
Examples:
  consultant playbook results
  consultant playbook results --since 2026-11-01 --json")]
    Results(PlaybookResultsArgs),

    /// Print everything that a playbook can declare, do and see.
    ///
    /// Each function with what it does, what it takes and complains about, and an example. As
    /// Markdown, or with --json for programs.
    #[command(after_help = "\
Examples:
  consultant playbook docs | less
  consultant playbook docs --out docs/playbook-reference.md")]
    Docs(PlaybookDocsArgs),

    /// Show what customers get, what is on trial, and whether the files differ from it.
    Status(JsonArgs),

    /// Show what is different between two versions, line by line.
    #[command(after_help = "\
Examples:
  consultant playbook diff                 what publishing would change
  consultant playbook diff before live     what the last publishing changed")]
    Diff(PlaybookDiffArgs),

    /// Bring the files to customers, all of them or a share.
    ///
    /// Publishes if the files check and the conversations of `scripts/tests` come out as they
    /// should. Whoever begins a conversation from then on gets the new version; running
    /// conversations go on with the one that they began with, until they end or until the new
    /// version's `migrate` takes them over. A running `consultant serve` follows within a second.
    #[command(after_help = "\
Examples:
  consultant playbook publish --note 'prices of spring'
  consultant playbook publish --share 10%")]
    Publish(PlaybookPublishArgs),

    /// Give the version on trial to everybody.
    Promote(DecisionArgs),

    /// End a trial: the live version serves everybody who begins.
    Stop(PlaybookStopArgs),

    /// Take the latest change back: a trial that runs, or else what is live.
    #[command(after_help = "\
Examples:
  consultant playbook rollback
  consultant playbook rollback --recall    also for those who talk with it just now
  consultant playbook rollback --to 3f2a9c")]
    Rollback(PlaybookRollbackArgs),

    /// Have those who talk with a version that was replaced go on with the live one.
    ///
    /// For a version that serves nobody who begins any more. A live one is taken back with
    /// `rollback --recall`, one on trial with `stop --recall`.
    #[command(after_help = "\
Example:
  consultant playbook recall 3f2a9c --note 'it promised free delivery'")]
    Recall(PlaybookRecallArgs),

    /// Show every decision about versions, the newest first, and who was refused.
    History(PlaybookHistoryArgs),

    /// Write what editors need to colour and complete playbooks.
    ///
    /// Definition files for Rhai's language server (playbook.d.rhai, rhai.d.rhai) and a grammar for
    /// colours (rhai-playbook.tmLanguage.json), all of this very version.
    #[command(after_help = "\
Example:
  consultant playbook definitions --out editor")]
    Definitions(PlaybookDefinitionsArgs),
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

    /// Who puts into words what customers mean.
    ///
    /// With `model` the configured model does, from what each means to say, what it was told and
    /// its `manner`. It says so as the file does where the model loses a number or does not write
    /// the language. Goals, answers, budgets and patience stay with the file.
    #[arg(long, value_enum, default_value_t = Writer::Rules)]
    pub customers: Writer,

    /// Who writes where the playbook asks the model.
    ///
    /// With `rules` nobody does, and customers get the reviewed words for that.
    #[arg(long, value_enum, default_value_t = Writer::Rules)]
    pub replies: Writer,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// Who writes in a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Writer {
    /// The words of files alone.
    Rules,
    /// The configured model.
    Model,
}

/// Who writes in tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TestModel {
    /// What the test says is written.
    Scripted,
    /// The configured model writes.
    Real,
}

/// Options of `playbook test`.
#[derive(Debug, Args)]
pub struct PlaybookTestArgs {
    /// Only conversations with these words in their name; what few of them do not come through is
    /// not told then.
    #[arg(value_name = "WORDS", default_value = "", hide_default_value = true)]
    pub words: String,

    /// Where the conversations are; `scripts/tests` beside the playbook's folder otherwise.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,

    /// Also write what came of them for build servers, as `JUnit` XML.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,

    /// Also write which lines and branches ran, as an lcov tracefile that editors show.
    #[arg(long, value_name = "FILE")]
    pub coverage: Option<PathBuf>,

    /// Fail where fewer branches of the playbook and its modules ran, in percent.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub least_branches: Option<u8>,

    /// Who writes where the playbook asks the model.
    ///
    /// With `real` the configured model does. Where a test says what is written, the words of such
    /// a reply are then not compared; what it must lack, its prices, its language and all else are.
    #[arg(long, value_enum, default_value_t = TestModel::Scripted)]
    pub model: TestModel,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// Options of `playbook record`.
#[derive(Debug, Args)]
pub struct PlaybookRecordArgs {
    /// The file to write; standard output otherwise.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Write down a conversation that is kept instead: its id, or an address such as `telegram:7`.
    ///
    /// What its customer said is said again, to the playbook as it is now. The file holds the
    /// customer's words: leave out who they are.
    #[arg(long, value_name = "WHO")]
    pub conversation: Option<String>,

    /// What the test shows; what was said first otherwise.
    #[arg(long)]
    pub name: Option<String>,

    /// Write over a file that is there.
    #[arg(long)]
    pub force: bool,
}
