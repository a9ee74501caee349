//! `consultant conversation explain`: what was recorded of a turn, and what its playbook asked when
//! the conversation is played again.

use std::process::ExitCode;

use consultant_core::{
    Address, ChannelName, Happening, PlaybookVersion, TracedRule, Turn, ports::WholeStore,
};
use consultant_playbook::{Question, Trace};
use serde::Serialize;

use super::versions::Versions;
use crate::{
    cli::ConversationExplainArgs,
    commands::{customer::conversations, store::unreadable},
    config::Config,
    explain::{Again, Asked, Explained, KeptTurn, Rule, told, turns},
    failure::Failure,
    house::{engine_settings, model_languages, session_timeout},
    meaning,
    model::Backends,
    output, places,
    playtest::{self, PlayedTurn, Stage},
};

/// What programs read.
#[derive(Serialize)]
struct Report<'a> {
    conversation: consultant_core::ConversationId,
    addresses: &'a [Address],
    turns: &'a [Explained],
}

/// Explains the last turn, one, or all.
pub(super) async fn run(
    args: &ConversationExplainArgs,
    store: &dyn WholeStore,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let found = conversations(store, std::slice::from_ref(&args.who)).await?;
    let Some(conversation) = found.first().copied() else {
        return Ok(ExitCode::FAILURE);
    };
    let ledger = store.ledger(conversation).await.map_err(unreadable)?;
    let addresses = store.addresses(conversation).await.map_err(unreadable)?;
    let kept = turns(&ledger);
    let wanted = wanted(args, kept.len())?;
    let models = meaning::open(config, backends)?;
    let versions = Versions::of(&kept, (&config.company, &models), store).await?;
    let place = places::of_customer(&addresses, &ledger);
    let explained = Replay::new(&kept, place, &versions, config)
        .explain(wanted)
        .await;
    if args.json.json {
        output::print_json(&Report {
            conversation,
            addresses: &addresses,
            turns: &explained,
        });
    } else {
        let texts: Vec<String> = explained.iter().map(told).collect();
        let place = places::of_customer(&addresses, &ledger).map(Address::to_string);
        let head = format!(
            "Conversation {conversation}  {}\n",
            place.unwrap_or_default()
        );
        output::print(&format!("{head}{}", texts.join("\n")));
    }
    Ok(ExitCode::SUCCESS)
}

/// The turns that are to be explained, from 0.
fn wanted(
    args: &ConversationExplainArgs,
    there_are: usize,
) -> Result<std::ops::Range<usize>, Failure> {
    if there_are == 0 {
        return Err(Failure::new(
            format!("no turn of `{}` was answered yet", args.who),
            "`consultant inbox list` names messages that could not be answered",
        ));
    }
    if args.all {
        return Ok(0..there_are);
    }
    let number = args.turn.map_or(there_are, |turn| turn as usize);
    if number > there_are {
        return Err(Failure::usage(
            format!("there is no turn {number}: `{}` has {there_are}", args.who),
            "give a smaller number, or see --all of them",
        ));
    }
    Ok(number - 1..number)
}

/// A conversation that is played again, if that is possible.
struct Replay<'a> {
    kept: &'a [KeptTurn],
    versions: &'a Versions,
    again: Result<playtest::Again, String>,
}

impl<'a> Replay<'a> {
    fn new(
        kept: &'a [KeptTurn],
        address: Option<&Address>,
        versions: &'a Versions,
        config: &Config,
    ) -> Self {
        let again = versions.any().zip(kept.first()).map(|(watched, first)| {
            let stage = Stage {
                company: watched.company.clone(),
                trace: None,
                settings: engine_settings(config),
                languages: model_languages(config),
                session_timeout: session_timeout(config),
                model: None,
            };
            let nowhere = Address::new(ChannelName::Terminal, "default");
            let address = address.unwrap_or(&nowhere);
            playtest::Again::new(&stage, address, first, config.model.enabled)
        });
        Self {
            kept,
            versions,
            again: again.ok_or_else(|| "no version of the playbook can be compiled".to_owned()),
        }
    }

    /// Plays every turn up to the last wanted one; what follows does not change it.
    async fn explain(mut self, wanted: std::ops::Range<usize>) -> Vec<Explained> {
        let mut explained = Vec::new();
        for (index, turn) in self.kept.iter().enumerate().take(wanted.end) {
            let again = self.play(turn).await;
            if wanted.contains(&index) {
                explained.push(self.told(index, turn, again));
            }
        }
        explained
    }

    async fn play(&mut self, turn: &KeptTurn) -> Result<(PlayedTurn, Vec<Question>), String> {
        let Some(watched) = self.versions.get(&turn.playbook) else {
            // Where one turn is missing, those after it would begin from somewhere else.
            self.again = Err(not_kept(&turn.playbook));
            return Err(not_kept(&turn.playbook));
        };
        let again = self.again.as_mut().map_err(|why| why.clone())?;
        let before = watched.trace.counted();
        let played = again.plays(turn, &watched.company.playbook);
        let played = played.await.map_err(|error| error.to_string())?;
        Ok((played, watched.trace.asked_since(&before)))
    }

    fn told(
        &self,
        index: usize,
        turn: &KeptTurn,
        again: Result<(PlayedTurn, Vec<Question>), String>,
    ) -> Explained {
        let trace = self.versions.get(&turn.playbook).map(|it| &it.trace);
        let recorded = turn.trace.as_deref();
        let rules = recorded.map(|it| rules(&it.rules, trace));
        let again = match (again, trace) {
            (Ok((played, questions)), Some(trace)) => Again::Yes {
                asked: asked(&questions, played.turn.as_ref(), trace),
                otherwise: otherwise(rules.as_deref(), rules_of(&played, trace)),
            },
            (Err(why), _) => Again::No { why },
            (Ok(_), None) => Again::No {
                why: not_kept(&turn.playbook),
            },
        };
        Explained {
            turn: index + 1,
            of: self.kept.len(),
            at: turn.at,
            said: turn.said.clone(),
            replied: turn.replied.clone(),
            sources: turn.sources.clone(),
            playbook: turn.playbook.clone(),
            moved: turn.moved(),
            stage: turn.stage.clone(),
            awaiting: recorded.and_then(|it| it.awaiting.clone()),
            understood: recorded.map(|it| it.understood.clone()),
            rules,
            happened: turn
                .happened
                .iter()
                .filter(|it| is_told(it))
                .cloned()
                .collect(),
            spent: recorded.map(|it| it.spent),
            again,
        }
    }
}

fn is_told(happening: &Happening) -> bool {
    !matches!(
        happening,
        Happening::Moved { .. } | Happening::StageChanged { .. }
    )
}

fn not_kept(version: &PlaybookVersion) -> String {
    format!("version {version} of the playbook, which answered then, is not kept or no longer runs")
}

fn rules(rules: &[TracedRule], trace: Option<&Trace>) -> Vec<Rule> {
    let text =
        |file: &str, line: usize| trace.and_then(|it| it.line(file, line)).map(str::to_owned);
    rules.iter().map(|rule| Rule::of(rule, text)).collect()
}

fn rules_of(played: &PlayedTurn, trace: &Trace) -> Vec<Rule> {
    rules(&played.rules, Some(trace))
}

/// The rules that fired this time, unless they are those that were recorded.
fn otherwise(recorded: Option<&[Rule]>, played: Vec<Rule>) -> Option<Vec<Rule>> {
    let is_same = recorded.is_some_and(|recorded| Rule::are_same(recorded, &played));
    (!is_same).then_some(played)
}

fn asked(questions: &[Question], turn: Option<&Turn>, trace: &Trace) -> Vec<Asked> {
    let of = |question: &Question| {
        let value = |expression: &str| trace.value(turn?, expression);
        let line = |line: usize| trace.line(&question.file, line).map(str::to_owned);
        Asked::of(question, value, line)
    };
    questions.iter().map(of).collect()
}
