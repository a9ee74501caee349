//! `consultant desk report`: the figures of the people who answer.

use std::{fmt::Write, process::ExitCode};

use consultant_core::ports::{Clock, WholeStore};
use jiff::{SignedDuration, Timestamp};

use super::each_ledger;
use crate::{
    cli::DeskReportArgs,
    clock::SystemClock,
    config::Config,
    desk_report::{Calls, Report, Times},
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
    let mut report = Report::default();
    each_ledger(store, |_, ledger| report.add(&ledger, since, now)).await?;
    Ok(report)
}

fn told(report: &Report, days: u32) -> String {
    let mut text = format!(
        "The last {days} days: {}, of which the bot resolved {} durably (nobody was called, and the \
         customer has said nothing for seven days)\n\n",
        output::counted(report.served.conversations, "conversation"),
        report.served.resolved_by_bot_durably,
    );
    let all = &report.all;
    writeln!(
        text,
        "A person was called {} times; {} were taken, {} given up, {} wait now",
        all.called, all.taken, all.given_up, report.waiting_now
    )
    .ok();
    line(&mut text, "waiting until taken", &all.waiting);
    line(&mut text, "until the first words", &all.first_response);
    line(&mut text, "with a person", &all.handling);
    let mut reasons: Vec<_> = report.reasons.iter().collect();
    reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), (*reason).clone()));
    if !reasons.is_empty() {
        text.push_str("\nWhy\n");
    }
    for (reason, count) in reasons.into_iter().take(REASONS_TOLD) {
        writeln!(text, "  {count:>5}  {reason}").ok();
    }
    if !report.teams.is_empty() {
        text.push_str("\nTeams\n");
    }
    for (team, calls) in &report.teams {
        writeln!(text, "  {team}: {}", of_calls(calls)).ok();
    }
    if all.called > 0 {
        text.push_str("\nPlaybooks\n");
        for (playbook, of) in &report.playbooks {
            let conversations = output::counted(of.served.conversations, "conversation");
            let (durably, calls) = (of.served.resolved_by_bot_durably, of_calls(&of.calls));
            writeln!(
                text,
                "  {playbook}: {conversations}, {durably} resolved by the bot, {calls}"
            )
            .ok();
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

/// Calls in one line; times are medians.
fn of_calls(calls: &Calls) -> String {
    let times = [
        ("taken after", &calls.waiting),
        ("first words after", &calls.first_response),
        ("with a person for", &calls.handling),
    ];
    let times = times.into_iter().filter(|(_, times)| times.count() > 0);
    let times = times.map(|(head, times)| format!(", {head} {}", time(times.of_percent(50))));
    let (called, taken, given_up) = (calls.called, calls.taken, calls.given_up);
    let times: String = times.collect();
    format!("called {called} times, {taken} taken, {given_up} given up{times}")
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
