//! `consultant model probe`: does the configured model keep every promise that the product relies
//! on, with this file, this build and this machine?
//!
//! Each check asks through the port, as the engine does, and judges what comes back; nothing is
//! taken from the model's own word. A check is about the `port`, and then any model that runs can
//! pass it, or about `wit`, and then it needs one that has learned to write. Start reading at
//! [`CHECKS`].

mod subject;

mod writing;
mod forms;
mod scoring;
mod queueing;
mod refusals;

#[cfg(test)]
mod double;
#[cfg(test)]
mod tests;

use std::{process::ExitCode, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use serde::Serialize;
use tokio::time::Instant;

use crate::{
    config::Config,
    failure::Failure,
    model::{Backends, choose},
    output,
};

use subject::{Subject, Verdict};

/// What a check needs to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum About {
    /// Nothing but a model that runs.
    Port,
    /// A model that has learned to write.
    Wit,
}

/// One promise, and how it is put to the test.
struct Check {
    name: &'static str,
    about: About,
    ask: for<'a> fn(&'a Subject) -> BoxFuture<'a, Verdict>,
}

const fn port(name: &'static str, ask: for<'a> fn(&'a Subject) -> BoxFuture<'a, Verdict>) -> Check {
    Check {
        name,
        about: About::Port,
        ask,
    }
}

const fn wit(name: &'static str, ask: for<'a> fn(&'a Subject) -> BoxFuture<'a, Verdict>) -> Check {
    Check {
        name,
        about: About::Wit,
        ask,
    }
}

/// Every check, in the order of the report. One follows another, so that none disturbs the times
/// of another.
const CHECKS: [Check; 19] = [
    port("length_limit", |it| writing::length_limit(it).boxed()),
    wit("exact_length", |it| writing::exact_length(it).boxed()),
    port("time_limit", |it| writing::time_limit(it).boxed()),
    port("greedy_repeats", |it| writing::greedy_repeats(it).boxed()),
    port("seed_repeats", |it| writing::seed_repeats(it).boxed()),
    port("seeds_differ", |it| writing::seeds_differ(it).boxed()),
    port("warm_start", |it| writing::warm_start(it).boxed()),
    port("choice", |it| forms::choice(it).boxed()),
    port("choice_in_chinese", |it| {
        forms::choice_in_chinese(it).boxed()
    }),
    port("choice_of_odd_letters", |it| forms::odd_letters(it).boxed()),
    port("choice_cut_off", |it| forms::choice_cut_off(it).boxed()),
    port("json_schema", |it| forms::json_schema(it).boxed()),
    port("score", |it| scoring::score(it).boxed()),
    wit("likely_scores_higher", |it| scoring::likely(it).boxed()),
    port("side_by_side", |it| queueing::side_by_side(it).boxed()),
    port("time_limit_in_queue", |it| queueing::time_limit(it).boxed()),
    port("drop_cancels", |it| queueing::drop_cancels(it).boxed()),
    port("full_queue_is_busy", |it| queueing::overflow(it).boxed()),
    port("refuses_the_impossible", |it| refusals::refuses(it).boxed()),
];

/// One check's outcome.
#[derive(Debug, Serialize)]
struct Outcome {
    name: &'static str,
    about: About,
    passed: bool,
    seen: String,
    took_ms: u64,
}

/// All outcomes.
#[derive(Debug, Serialize)]
struct Report {
    model: String,
    passed: bool,
    checks: Vec<Outcome>,
}

/// Puts the configured model to the test; exits with 1 if any check fails.
pub async fn run(
    json: bool,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let Some(choice) = choose(config)? else {
        return Err(Failure::usage(
            "there is no model to put to the test",
            "set model.enabled: true",
        ));
    };
    let queue_limit = choice.queue_limit;
    let model = backends.load(choice).await?.model;
    // A slow model takes minutes, so people see each line as soon as it is known.
    let shown = |outcome: &Outcome| {
        if !json {
            output::print(&outcome.line());
        }
    };
    let report = examine(&Subject::new(model, queue_limit), shown).await;
    if json {
        output::print_json(&report);
    } else {
        output::print(&report.summary());
    }
    Ok(if report.passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Makes every check, and shows each outcome.
async fn examine(subject: &Subject, shown: impl Fn(&Outcome)) -> Report {
    let mut checks = Vec::with_capacity(CHECKS.len());
    for check in &CHECKS {
        let outcome = check.make(subject).await;
        shown(&outcome);
        checks.push(outcome);
    }
    Report {
        model: subject.name().to_owned(),
        passed: checks.iter().all(|outcome| outcome.passed),
        checks,
    }
}

impl Check {
    async fn make(&self, subject: &Subject) -> Outcome {
        let begin = Instant::now();
        let verdict = (self.ask)(subject).await;
        let took_ms = milliseconds(begin.elapsed());
        let (passed, seen) = match verdict {
            Ok(seen) => (true, seen),
            Err(flaw) => (false, flaw.0),
        };
        Outcome {
            name: self.name,
            about: self.about,
            passed,
            seen,
            took_ms,
        }
    }
}

impl Outcome {
    fn line(&self) -> String {
        let mark = if self.passed { "ok  " } else { "FAIL" };
        format!(
            "{mark} {:<23} {} ({} ms)\n",
            self.name, self.seen, self.took_ms
        )
    }
}

impl Report {
    fn summary(&self) -> String {
        let failed = |about: About| {
            let of = |outcome: &&Outcome| !outcome.passed && outcome.about == about;
            self.checks.iter().filter(of).count()
        };
        let count = self.checks.len();
        match (failed(About::Port), failed(About::Wit)) {
            (0, 0) => format!("{}: all {count} checks passed\n", self.model),
            (0, wit) => format!(
                "{}: {wit} of {count} checks failed. It runs as it should, but writes no sense: \
                 name another model in model.path\n",
                self.model
            ),
            (port, wit) => format!(
                "{}: {} of {count} checks failed. The product relies on them: do not serve with \
                 this model, build and machine\n",
                self.model,
                port + wit
            ),
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
