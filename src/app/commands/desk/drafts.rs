//! `consultant desk drafts`: the answers that colleagues proposed.

use std::{fmt::Write, io, path::Path, process::ExitCode};

use super::each_ledger;
use crate::{
    cli::DeskDraftsArgs,
    config::Config,
    desk_drafts::{self, Draft},
    failure::{Failure, because},
    house::open_kept_store,
    output,
};

pub(super) async fn run(args: &DeskDraftsArgs, config: &Config) -> Result<ExitCode, Failure> {
    let store = open_kept_store(config).await?;
    let mut drafts = Vec::new();
    each_ledger(&*store, |conversation, ledger| {
        drafts.extend(desk_drafts::of(conversation, &ledger));
    })
    .await?;
    drafts.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.id.cmp(&b.id)));
    if args.json.json {
        output::print_json(&drafts);
    } else {
        output::print(&told(&drafts));
    }
    if let Some(file) = &args.faq {
        written(file, desk_drafts::write_faq(file, &drafts))?;
    }
    if let Some(file) = &args.rows {
        written(file, desk_drafts::write_rows(file, &drafts))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn written(file: &Path, result: io::Result<()>) -> Result<(), Failure> {
    let name = file.display().to_string();
    result.map_err(|error| because(&name, &error, "name a new file in a folder that there is"))?;
    output::note(&format!("written to {name}\n"));
    Ok(())
}

fn told(drafts: &[Draft]) -> String {
    if drafts.is_empty() {
        return "Nobody has proposed an answer yet: /faq in a room of the desk does.\n".to_owned();
    }
    let mut text = String::new();
    for draft in drafts {
        let day = draft.at.strftime("%Y-%m-%d");
        let agreed = if draft.customer_agreed {
            "the customer agreed to being learned from"
        } else {
            "no consent is stated"
        };
        writeln!(
            text,
            "{} by {} on {day}, {}, {agreed}",
            draft.id, draft.by, draft.language
        )
        .ok();
        for (head, words) in [("Q", &draft.question), ("A", &draft.answer)] {
            let words = words.replace('\n', "\n     ");
            writeln!(text, "  {head}: {words}").ok();
        }
    }
    text
}
