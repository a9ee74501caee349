//! `consultant doctor`: what is installed, what runs where, and what to do about the rest.

mod machine;

use std::process::ExitCode;

use consultant_core::ports::Knowledge;
use consultant_store::OpenError;
use serde::Serialize;

use crate::{
    cli::JsonArgs,
    clock::SystemClock,
    company,
    config::{Config, EncoderMode, Sources, StoreUrl, load},
    diagnostics::Diagnostic,
    health,
    house::open_store_as_it_is,
    meaning,
    model::{Backends, choose, encoder_name},
    output::{self, counted},
};
use consultant_knowledge::SmallModels;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    /// What.
    pub(super) what: &'static str,
    /// How it is.
    pub(super) state: State,
    /// The details.
    pub(super) found: String,
    /// What to do about it.
    pub(super) advice: Option<String>,
}

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// As it should be.
    Good,
    /// It works, and could be better.
    Note,
    /// It must be put right before `serve` can start.
    Bad,
}

impl Finding {
    pub(super) fn good(what: &'static str, found: impl Into<String>) -> Self {
        Self {
            what,
            state: State::Good,
            found: found.into(),
            advice: None,
        }
    }

    pub(super) fn note(
        what: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            what,
            state: State::Note,
            found: found.into(),
            advice: Some(advice.into()),
        }
    }

    fn bad(what: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            what,
            state: State::Bad,
            found: found.into(),
            advice: Some(advice.into()),
        }
    }

    fn line(&self) -> String {
        let mark = match self.state {
            State::Good => "ok  ",
            State::Note => "note",
            State::Bad => "BAD ",
        };
        let advice = self.advice.as_ref().filter(|advice| !advice.is_empty());
        let advice = advice.map_or_else(String::new, |advice| format!("            -> {advice}\n"));
        format!("{mark} {:<9} {}\n{advice}", self.what, self.found)
    }
}

/// Looks at everything; exits with 1 if anything must be put right.
pub async fn run(args: JsonArgs, sources: &Sources, backends: &dyn Backends) -> ExitCode {
    let mut findings = vec![Finding::good("version", env!("CARGO_PKG_VERSION"))];
    findings.extend(machine::findings(&backends.accelerators()));
    match load(sources) {
        Ok(config) => findings.extend(configured(&config).await),
        Err(problems) => findings.extend(Diagnostic::from_config(problems).iter().map(|problem| {
            let text = problem.render();
            Finding::bad(
                "config",
                text.lines().next().unwrap_or_default(),
                hint(problem),
            )
        })),
    }
    if args.json {
        output::print_json(&findings);
    } else {
        output::print(&findings.iter().map(Finding::line).collect::<String>());
    }
    let bad = findings.iter().any(|finding| finding.state == State::Bad);
    if bad {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn hint(problem: &Diagnostic) -> String {
    problem.hint.clone().unwrap_or_default()
}

async fn configured(config: &Config) -> Vec<Finding> {
    let mut findings = vec![Finding::good("data", config.data_dir.display().to_string())];
    findings.extend(company_findings(config));
    findings.extend([
        model_finding(config),
        encoder_finding(config),
        store_finding(config).await,
        channels_finding(config),
        serving_finding(config),
    ]);
    findings
}

fn company_findings(config: &Config) -> Vec<Finding> {
    let company = match company::load(&config.company, &SmallModels::default()) {
        Ok(company) => company,
        Err(problems) => {
            let found = format!(
                "{} problems in the catalogue, FAQ or playbook",
                problems.len()
            );
            return vec![Finding::bad("company", found, "run `consultant check`")];
        }
    };
    let catalog = company.knowledge.catalog();
    let found = format!(
        "{}, {}",
        catalog.company.name,
        counted(catalog.products.len(), "product")
    );
    let mut findings = vec![Finding::good("company", found)];
    findings.extend(documents_finding(config, &*company.knowledge));
    findings
}

/// Nothing where the company has no documents, and none that is broken.
fn documents_finding(config: &Config, knowledge: &dyn Knowledge) -> Option<Finding> {
    let documents = knowledge.documents();
    let problems = company::check_documents(&config.company, &knowledge.catalog());
    if documents.is_empty() && problems.is_empty() {
        return None;
    }
    let (count, passages) = (documents.documents.len(), documents.passages());
    let found = [(count, "document"), (passages, "passage")].map(|it| counted(it.0, it.1));
    let found = found.join(", ");
    if problems.is_empty() {
        return Some(Finding::good("documents", found));
    }
    let found = format!("{found}; {} found", Diagnostic::count(&problems));
    Some(Finding::note("documents", found, "run `consultant check`"))
}

fn model_finding(config: &Config) -> Finding {
    match choose(config) {
        Ok(Some(choice)) => {
            let languages: Vec<&str> = choice
                .card
                .languages
                .iter()
                .map(consultant_core::Language::code)
                .collect();
            let found = format!("{}, writes {}", choice.card.name, languages.join(", "));
            Finding::good("model", found)
        }
        Ok(None) => Finding::note(
            "model",
            "switched off",
            "set model.enabled: true for replies beyond the catalogue and the FAQ",
        ),
        Err(failure) => Finding::bad("model", failure.message, failure.hint),
    }
}

fn encoder_finding(config: &Config) -> Finding {
    match meaning::folder(config) {
        Ok(Some(folder)) => {
            let languages = config.encoder.languages.iter();
            let languages: Vec<&str> = languages.map(consultant_core::Language::code).collect();
            let name = encoder_name(&folder);
            Finding::good("encoder", format!("{name}, reads {}", languages.join(", ")))
        }
        Ok(None) if config.encoder.mode == EncoderMode::Never => Finding::note(
            "encoder",
            "switched off",
            "set encoder.mode: auto to find reviewed answers by what a question means",
        ),
        Ok(None) => Finding::note(
            "encoder",
            "none: questions are understood by their words alone",
            "run `consultant model fetch`",
        ),
        Err(failure) => Finding::bad("encoder", failure.message, failure.hint),
    }
}

/// Looks without touching: a store that is missing stays so.
async fn store_finding(config: &Config) -> Finding {
    let url = config.store.url.to_string();
    if matches!(config.store.url, StoreUrl::Memory) {
        let advice = "set store.url to `sqlite:PATH` or to a Redis server to keep anything";
        return Finding::note("store", format!("{url} forgets at the end"), advice);
    }
    let store = match open_store_as_it_is(config).await {
        Ok(store) => store,
        Err(error @ (OpenError::Missing { .. } | OpenError::Older { .. })) => {
            return Finding::note("store", error.to_string(), error.hint());
        }
        Err(error) => return Finding::bad("store", error.to_string(), error.hint()),
    };
    match store.backlog().await {
        Ok(backlog) if backlog.inbox.is_empty() && backlog.outbox.is_empty() => {
            Finding::good("store", url)
        }
        Ok(backlog) => Finding::note(
            "store",
            format!(
                "{url}: {} messages to answer, {} to deliver",
                backlog.inbox.len(),
                backlog.outbox.len()
            ),
            "they are taken up when the channel that they came from is served again",
        ),
        Err(error) => Finding::bad("store", error.to_string(), "run `consultant store verify`"),
    }
}

fn channels_finding(config: &Config) -> Finding {
    let mut channels = Vec::new();
    if config.telegram.token.is_some() {
        channels.push(format!("telegram ({})", config.telegram.api_url.as_str()));
    }
    if config.discord.token.is_some() {
        channels.push(format!("discord ({})", config.discord.api_url.as_str()));
    }
    if channels.is_empty() {
        return Finding::note(
            "channels",
            "none configured",
            "set CONSULTANT__TELEGRAM__TOKEN or CONSULTANT__DISCORD__TOKEN; the terminal needs none",
        );
    }
    Finding::good("channels", channels.join(", "))
}

fn serving_finding(config: &Config) -> Finding {
    match health::check(&config.data_dir, &SystemClock) {
        Ok(health) => Finding::good("serving", format!("process {}", health.process_id)),
        Err(unwell) => Finding::note(
            "serving",
            unwell.to_string(),
            "start it with `consultant serve`",
        ),
    }
}
