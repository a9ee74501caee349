//! `consultant playbook history`: every decision about versions, the newest first.

use std::{fmt::Write, process::ExitCode};

use consultant_core::ReleaseEvent;

use super::releases::{look, unreadable};
use crate::{cli::PlaybookHistoryArgs, config::Config, failure::Failure, output, release::told};

/// Shows what was decided.
pub(super) async fn run(args: PlaybookHistoryArgs, config: &Config) -> Result<ExitCode, Failure> {
    let store = look(config).await?;
    let mut events = store.releases(0).await.map_err(unreadable)?;
    let left_out = events.len().saturating_sub(args.limit as usize);
    events.drain(..left_out);
    events.reverse();
    if args.json.json {
        output::print_json(&events);
    } else if events.is_empty() {
        output::print("nothing was ever published; `consultant playbook publish` begins\n");
    } else {
        output::print(&words(&events, left_out));
    }
    Ok(ExitCode::SUCCESS)
}

fn words(events: &[ReleaseEvent], left_out: usize) -> String {
    let mut lines: String = events.iter().map(line).collect();
    if left_out > 0 {
        let all = left_out + events.len();
        writeln!(lines, "and {left_out} older ones: --limit {all}").ok();
    }
    lines
}

fn line(event: &ReleaseEvent) -> String {
    let note = event.note.as_ref();
    let note = note.map_or_else(String::new, |note| format!("\n        \"{note}\""));
    format!(
        "{:>4}  {}  {} {}{note}\n",
        event.number,
        event.at.strftime("%Y-%m-%d %H:%M UTC"),
        event.author,
        told(&event.what)
    )
}
