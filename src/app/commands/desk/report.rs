//! `consultant desk report`: the figures of the people who answer.

use std::{fmt::Write, process::ExitCode};

use consultant_core::ports::{Clock, StoreError, WholeStore};
use jiff::{SignedDuration, Timestamp};

use crate::{
    cli::DeskReportArgs,
    clock::SystemClock,
    commands::store::{all, unreadable},
    config::Config,
    desk_report::{Report, Times},
    failure::Failure,
    house::open_kept_store,
    output,
};

/// Reasons that people read; programs read all.
const REASONS_TOLD: usize = 10;

/// Reads what happened, and tells the figures.
pub(super) async fn run(args: &DeskReportArgs, config: &Config) -> Result<ExitCode, Failure> {
    let store = open_kept_store(config).await?;
    let report = look(args, &*store).await?;
    if args.json.json {
        output::print_json(&report);
    } else {
        output::print(&told(&report, args.days));
    }
    Ok(ExitCode::SUCCESS)
}

async fn look(args: &DeskReportArgs, store: &dyn WholeStore) -> Result<Report, Failure> {
    let now = SystemClock.now();
    let days = SignedDuration::from_hours(24 * i64::from(args.days));
    let since = now.checked_sub(days).unwrap_or(Timestamp::MIN);
    let (mut report, mut lost) = (Report::default(), 0_usize);
    for conversation in all(store).await? {
        match store.ledger(conversation).await {
            Ok(ledger) => report.add(&ledger, since, now),
            Err(StoreError::Corrupt { .. }) => lost += 1,
            Err(error) => return Err(unreadable(error)),
        }
    }
    if lost > 0 {
        output::note(&format!(
            "{lost} conversations cannot be read; `consultant store verify` names them\n"
        ));
    }
    Ok(report)
}

fn told(report: &Report, days: u32) -> String {
    let mut text = format!(
        "The last {days} days: {}, of which the bot resolved {} durably (nobody was called, and the \
         customer has said nothing for seven days)\n\n",
        output::counted(report.conversations, "conversation"),
        report.resolved_by_bot_durably,
    );
    writeln!(
        text,
        "A person was called {} times; {} were taken, {} given up, {} wait now",
        report.called, report.taken, report.given_up, report.waiting_now
    )
    .ok();
    line(&mut text, "waiting until taken", &report.waiting);
    line(&mut text, "until the first words", &report.first_response);
    line(&mut text, "with a person", &report.handling);
    let mut reasons: Vec<_> = report.reasons.iter().collect();
    reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), (*reason).clone()));
    if !reasons.is_empty() {
        text.push_str("\nWhy\n");
    }
    for (reason, count) in reasons.into_iter().take(REASONS_TOLD) {
        writeln!(text, "  {count:>5}  {reason}").ok();
    }
    for (head, counts) in [("Teams", &report.teams), ("Playbooks", &report.playbooks)] {
        if !counts.is_empty() {
            writeln!(text, "\n{head}").ok();
        }
        for (name, count) in counts {
            writeln!(text, "  {count:>5}  {name}").ok();
        }
    }
    if !report.agents.is_empty() {
        text.push_str("\nWho answered\n");
    }
    for (agent, of) in &report.agents {
        let taken = output::counted(of.taken, "conversation");
        let messages = output::counted(of.messages, "message");
        let median = time(of.handling.of_percent(50));
        writeln!(
            text,
            "  {agent}: {taken}, {messages}, {median} each (median)"
        )
        .ok();
    }
    text
}

fn line(text: &mut String, head: &str, times: &Times) {
    if times.count() > 0 {
        let (median, p90) = (time(times.of_percent(50)), time(times.of_percent(90)));
        writeln!(
            text,
            "  {head:<22} median {median}, nine in ten within {p90}"
        )
        .ok();
    }
}

/// A time for people: `45 s`, `12 min`, `3 h 20 min`.
fn time(seconds: Option<i64>) -> String {
    match seconds {
        None => "-".to_owned(),
        Some(seconds) if seconds < 60 => format!("{seconds} s"),
        Some(seconds) if seconds < 3600 => format!("{} min", seconds / 60),
        Some(seconds) => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}
