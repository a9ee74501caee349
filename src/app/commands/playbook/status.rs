//! `consultant playbook status`: what customers get, what is on trial, and what lies in the files.

use std::{fmt::Write, process::ExitCode};

use consultant_core::{PlaybookVersion, ReleaseEvent, ReleaseStep, Releases, Trial};
use serde::Serialize;

use super::{
    diff::Difference,
    releases::{kept, look, unreadable},
};
use crate::{
    cli::JsonArgs, company, config::Config, diagnostics::Diagnostic, failure::Failure, output,
    release::spoke,
};
use consultant_knowledge::SmallModels;

/// What is so.
#[derive(Serialize)]
struct Status {
    live: Option<Since>,
    trial: Option<Trial>,
    /// Where `rollback` goes.
    before: Option<PlaybookVersion>,
    files: Files,
}

/// A version and the decision that made it live.
#[derive(Serialize)]
struct Since {
    version: PlaybookVersion,
    decision: Option<ReleaseEvent>,
}

/// What lies in the files.
#[derive(Serialize)]
#[serde(rename_all = "snake_case", tag = "are")]
enum Files {
    /// What is live.
    Live,
    /// What is on trial.
    OnTrial,
    /// Something else.
    Different {
        version: PlaybookVersion,
        /// What is different from the live version, a line a script.
        scripts: Vec<String>,
        warnings: usize,
    },
    /// Nothing that could serve.
    Broken { errors: usize, first: String },
}

/// Shows it.
pub(super) async fn run(args: JsonArgs, config: &Config) -> Result<ExitCode, Failure> {
    let store = look(config).await?;
    let events = store.releases(0).await.map_err(unreadable)?;
    let releases = Releases::of(&events);
    let live = releases.live();
    let kept_live = match live {
        Some(version) => Some(kept(version, &*store).await?),
        None => None,
    };
    let files = match company::load(&config.company, &SmallModels::default()) {
        Err(problems) => Files::broken(&problems),
        Ok(company) if Some(&company.kept.id) == live => Files::Live,
        Ok(company)
            if releases
                .trial()
                .is_some_and(|it| it.version == company.kept.id) =>
        {
            Files::OnTrial
        }
        Ok(company) => Files::Different {
            scripts: kept_live.map_or_else(Vec::new, |live| {
                Difference::between(&live, &company.kept).summary()
            }),
            version: company.kept.id,
            warnings: company.warnings,
        },
    };
    let status = Status {
        live: live.map(|version| Since {
            version: version.clone(),
            decision: deciding(&events, version).cloned(),
        }),
        trial: releases.trial().cloned(),
        before: releases.before().cloned(),
        files,
    };
    if args.json {
        output::print_json(&status);
    } else {
        output::print(&status.render());
    }
    Ok(ExitCode::SUCCESS)
}

/// The newest decision that made a version live.
fn deciding<'a>(events: &'a [ReleaseEvent], version: &PlaybookVersion) -> Option<&'a ReleaseEvent> {
    let brought = |event: &&ReleaseEvent| match &event.what {
        ReleaseStep::Published { version: it, .. }
        | ReleaseStep::TrialPromoted { version: it }
        | ReleaseStep::RolledBack { to: it, .. } => it == version,
        _ => false,
    };
    events.iter().rev().find(brought)
}

impl Files {
    fn broken(problems: &[Diagnostic]) -> Self {
        let first = problems.first();
        Self::Broken {
            errors: problems.len(),
            first: first.map_or_else(String::new, |it| format!("{}: {}", it.file, it.message)),
        }
    }

    fn render(&self) -> String {
        match self {
            Self::Live => "as live".to_owned(),
            Self::OnTrial => "as on trial".to_owned(),
            Self::Different {
                version,
                scripts,
                warnings,
            } => {
                let scripts: String = scripts.iter().fold(String::new(), |mut text, script| {
                    write!(text, "\n          {script}").ok();
                    text
                });
                let warnings = match warnings {
                    0 => String::new(),
                    more => format!(", {more} warnings (`consultant check`)"),
                };
                let way = if scripts.is_empty() {
                    "`consultant playbook publish` brings it to customers"
                } else {
                    "`consultant playbook diff` shows what is different, `consultant playbook \
                     publish` brings it"
                };
                format!("{version}, not published{warnings}{scripts}\n          {way}")
            }
            Self::Broken { errors, first } => format!(
                "broken, {errors} errors: {first}\n          `consultant check` names all of them"
            ),
        }
    }
}

impl Status {
    fn render(&self) -> String {
        let mut text = String::new();
        let live = match &self.live {
            Some(since) => since.render(),
            None => "nothing yet; the first start of `consultant serve` publishes the files, or \
                     `consultant playbook publish` does"
                .to_owned(),
        };
        writeln!(text, "live      {live}").ok();
        if let Some(trial) = &self.trial {
            writeln!(text, "trial     {}", of_trial(trial)).ok();
        }
        if let Some(before) = &self.before {
            writeln!(text, "before    {before} (`consultant playbook rollback`)").ok();
        }
        writeln!(text, "files     {}", self.files.render()).ok();
        text
    }
}

impl Since {
    fn render(&self) -> String {
        let Some(event) = &self.decision else {
            return self.version.to_string();
        };
        let note = event.note.as_ref();
        let note = note.map_or_else(String::new, |note| format!(": \"{note}\""));
        let proof = match &event.what {
            ReleaseStep::Published { proof, .. } => format!("\n          {}", spoke(proof)),
            _ => String::new(),
        };
        format!(
            "{} since {} by {}{note}{proof}",
            self.version,
            event.at.strftime("%Y-%m-%d %H:%M UTC"),
            event.author
        )
    }
}

fn of_trial(trial: &Trial) -> String {
    format!(
        "{} for {} % of those who begin, since {}, against {}\n          `consultant playbook \
         results` shows how it does",
        trial.version,
        trial.percent,
        trial.since.strftime("%Y-%m-%d %H:%M UTC"),
        trial.against
    )
}
