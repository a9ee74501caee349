//! An explained turn in words, for the terminal of whoever runs the product.

use std::fmt::Write;

use consultant_core::{
    AgentId, Happening, MoveReason, Owner, Priority, Source, Spent, TracedUnderstanding,
    guard::Basis,
};

use super::{Again, Asked, Explained, Moved, Rule};

/// Headings stand in a column of this width.
const HEAD: usize = 12;

/// A turn in words.
pub(crate) fn told(explained: &Explained) -> String {
    let mut text = format!(
        "Turn {} of {}, {:.0}, answered by version {}\n\n",
        explained.turn, explained.of, explained.at, explained.playbook
    );
    if let Some(moved) = &explained.moved {
        line(&mut text, "moved", &of_move(moved));
    }
    quoted(&mut text, "customer", &said(explained));
    quoted(&mut text, "reply", &explained.replied);
    text.push('\n');
    facts(&mut text, explained);
    fired(&mut text, explained);
    text.push_str(&of_again(&explained.again));
    if let Some(spent) = &explained.spent {
        text.push('\n');
        line(&mut text, "time spent", &of_spent(*spent));
    }
    text
}

fn said(explained: &Explained) -> String {
    if explained.said.is_empty() {
        "(nothing in words: a command, a file, or a time that had come)".to_owned()
    } else {
        explained.said.clone()
    }
}

fn line(text: &mut String, head: &str, what: &str) {
    writeln!(text, "{head:HEAD$}{what}").ok();
}

/// Words of several lines, each under the first.
fn quoted(text: &mut String, head: &str, words: &str) {
    let mut lines = words.lines();
    line(text, head, lines.next().unwrap_or_default());
    for more in lines {
        line(text, "", more);
    }
}

fn of_move(moved: &Moved) -> String {
    let from = &moved.from;
    match moved.why {
        MoveReason::Migrated => format!("from {from}: `migrate` took the conversation over"),
        MoveReason::Recalled => format!("from {from}, which was recalled"),
        MoveReason::Gone => format!("from {from}, which is not kept or no longer runs"),
    }
}

fn facts(text: &mut String, explained: &Explained) {
    line(text, "stage", &of_stages(&explained.stage));
    if let Some(slot) = &explained.awaiting {
        line(text, "asked for", slot);
    }
    if let Some(understood) = &explained.understood {
        line(text, "understood", &of_understanding(understood));
    }
    let found = |it: &Source| source(it) + place_of(it, explained).as_str();
    let sources: Vec<String> = explained.sources.iter().map(found).collect();
    line(text, "facts used", &sources.join(", "));
    for happening in &explained.happened {
        if let Some((head, what)) = happened(happening) {
            line(text, head, &what);
        }
    }
}

fn of_stages((before, after): &(Option<String>, Option<String>)) -> String {
    match (before, after) {
        (Some(before), Some(after)) if before == after => before.clone(),
        (Some(before), Some(after)) => format!("{before} -> {after}"),
        (None, Some(stage)) | (Some(stage), None) => stage.clone(),
        (None, None) => "not recorded".to_owned(),
    }
}

fn of_understanding(understood: &TracedUnderstanding) -> String {
    let percent = |permille: u16| format!("{} %", permille / 10);
    let mut parts = vec![format!(
        "{}, sure to {}",
        understood.intent,
        percent(understood.confidence_permille)
    )];
    if let Some(trained) = &understood.trained {
        let sure = percent(trained.confidence_permille);
        parts.push(format!("trained intent {}, sure to {sure}", trained.label));
    }
    if let Some(mood) = &understood.mood {
        let sure = percent(mood.confidence_permille);
        parts.push(format!("mood {}, sure to {sure}", mood.label));
    }
    for named in &understood.products {
        let variant = named.variant.as_ref();
        let variant = variant.map_or_else(String::new, |it| format!(" ({it})"));
        parts.push(format!("product {}{variant}", named.product));
    }
    if let Some(category) = &understood.category {
        parts.push(format!("category {category}"));
    }
    if let Some(quantity) = understood.quantity {
        parts.push(format!("{quantity} pieces"));
    }
    for hit in &understood.faq {
        let fits = percent(hit.score_permille);
        parts.push(format!("answer {} fits to {fits}", hit.entry));
    }
    for hit in &understood.passages {
        let fits = percent(hit.score_permille);
        parts.push(format!(
            "passage of {} ({}) fits to {fits}",
            hit.document, hit.place
        ));
    }
    parts.join("; ")
}

/// Where in its document a passage stands that was quoted: the best one of it.
fn place_of(source: &Source, explained: &Explained) -> String {
    let Source::Document(key) = source else {
        return String::new();
    };
    let mut passages = explained.understood.iter().flat_map(|it| &it.passages);
    let quoted = passages.find(|it| it.document.as_str() == key && !it.place.is_empty());
    quoted.map_or_else(String::new, |it| format!(" ({})", it.place))
}

fn source(source: &Source) -> String {
    match source {
        Source::Wording(name) => format!("the product's own words ({name})"),
        Source::Playbook => "the playbook's words".to_owned(),
        Source::Catalog(product) => format!("catalogue: {product}"),
        Source::Faq(entry) => format!("reviewed answer: {entry}"),
        Source::Document(key) => format!("document: {key}"),
        Source::Model => "the language model, under the guard".to_owned(),
    }
}

/// What a claim of the model rests on.
fn basis(basis: &Basis) -> String {
    match basis {
        Basis::Fact(fact) => source(fact),
        Basis::Prices => "the catalogue's prices".to_owned(),
        Basis::Rules => "the discount rules".to_owned(),
        Basis::Company => "what the company says of itself".to_owned(),
        Basis::Computed => "what was computed for this turn".to_owned(),
        Basis::Stock => "what is in stock".to_owned(),
        Basis::Customer => "the customer's own words".to_owned(),
    }
}

/// What else happened, with its heading; stages and versions are told above.
fn happened(happening: &Happening) -> Option<(&'static str, String)> {
    use Happening as H;
    Some(match happening {
        H::SlotSet { slot, value } => match value {
            Some(value) => ("noted", format!("{slot} = {value}")),
            None => ("forgotten", slot.clone()),
        },
        H::Suggested { slot, value } => {
            let what = format!("whether {slot} = {value}, as the model read the answer");
            ("asked", what)
        }
        H::Escalated {
            reason,
            priority,
            team,
        } => {
            let team = team
                .as_ref()
                .map_or_else(String::new, |it| format!(", for {it}"));
            let priority = format!("{priority:?}").to_lowercase();
            ("person", format!("called, {priority}{team}: {reason}"))
        }
        H::Won { stage } => ("won", format!("became a deal in the stage {stage}")),
        H::Scored { points, reason } => ("lead score", format!("{points:+}: {reason}")),
        H::Tagged { tag, on: true } => ("tagged", tag.clone()),
        H::Tagged { tag, .. } => ("untagged", tag.clone()),
        H::ServedAs { who } => ("served as", who.to_string()),
        H::Objected { objection } => ("objection", objection.clone()),
        H::GuardRefused { draft, claims } => (
            "refused",
            format!("{draft:?}: no fact states {}", claims.join(", ")),
        ),
        H::GuardPassed { evidence } => {
            let told: Vec<String> = evidence
                .iter()
                .map(|it| format!("{:?} rests on {}", it.claim, basis(&it.rests_on)))
                .collect();
            ("checked", told.join("; "))
        }
        H::ModelFailed { reason } => ("failed", format!("the model: {reason}")),
        H::PlaybookFailed { reason } => ("failed", format!("the playbook: {reason}")),
        H::NotMoved { to, reason, .. } => ("not moved", format!("to {to}: {reason}")),
        H::Edited { .. } => (
            "edited",
            "the customer changed an answered message".to_owned(),
        ),
        H::Attached { attachments } => {
            ("attached", format!("{} files or places", attachments.len()))
        }
        H::FollowedUp { .. } => ("timer", "a follow-up was due".to_owned()),
        H::Reminded { .. } => ("timer", "a reminder was due".to_owned()),
        H::FollowUpsDeclined => ("declined", "the customer wants no follow-ups".to_owned()),
        other => return at_desk(other),
    })
}

/// What people did, with its heading; of the rest nothing is to be told.
fn at_desk(happening: &Happening) -> Option<(&'static str, String)> {
    use Happening as H;
    Some(match happening {
        H::CaseOpened { desk, .. } => ("person", format!("the conversation came before {desk}")),
        H::Owned { owner, by } => ("owner", of_owner(owner, by.as_ref())),
        H::AgentCorrected { by, said } if said.is_empty() => {
            ("person", format!("{by} took a message back"))
        }
        H::AgentCorrected { by, said } => ("person", format!("{by} changed a message: {said}")),
        H::AgentSaid { by, said } => ("person", format!("{by} wrote: {said}")),
        H::Noted { by, note } => ("note", format!("{by}: {note}")),
        H::Sorted { by, priority, team } => ("person", of_sorting(by, *priority, team.as_deref())),
        H::Refused { account } => ("refused", format!("{account} is no agent")),
        _ => return None,
    })
}

fn of_owner(owner: &Owner, by: Option<&AgentId>) -> String {
    let by = by.map_or_else(String::new, |by| format!(", by {by}"));
    let owner = match owner {
        Owner::Bot => "the bot".to_owned(),
        Owner::Waiting { .. } => "nobody: the customer waits for a person".to_owned(),
        Owner::Agent { agent, .. } => agent.to_string(),
        Owner::HandingBack { .. } => "the bot, from its next answer on".to_owned(),
        Owner::Closed { .. } => "nobody: it is closed".to_owned(),
    };
    format!("{owner}{by}")
}

fn of_sorting(by: &AgentId, priority: Priority, team: Option<&str>) -> String {
    let team = team.map_or_else(String::new, |team| format!(", for {team}"));
    format!("{by} set the priority {priority:?}{team}").to_lowercase()
}

fn fired(text: &mut String, explained: &Explained) {
    text.push_str("\nRules that fired\n");
    match &explained.rules {
        None => text.push_str("  not recorded: an older program answered this turn\n"),
        Some(rules) if rules.is_empty() => {
            text.push_str("  none: the product's own words were enough\n");
        }
        Some(rules) => rules.iter().for_each(|it| rule(text, it)),
    }
}

fn rule(text: &mut String, rule: &Rule) {
    let of = rule
        .of
        .as_ref()
        .map_or_else(String::new, |it| format!(" {it}"));
    let place = match (&rule.file, rule.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (Some(file), None) => file.clone(),
        _ => "declared".to_owned(),
    };
    writeln!(text, "  {}{of}  ({place})", rule.action).ok();
    if let Some(source) = &rule.text {
        writeln!(text, "      {}", source.trim()).ok();
    }
}

fn of_again(again: &Again) -> String {
    let mut text = String::new();
    match again {
        Again::No { why } => {
            writeln!(
                text,
                "\nWhy others did not: only what was recorded can be shown; {why}"
            )
            .ok();
        }
        Again::Yes { asked, otherwise } => {
            if let Some(rules) = otherwise {
                text.push_str(
                    "\nPlayed again today it came out otherwise: catalogue, FAQ or what the model \
                     wrote are other ones. Rules that fired this time\n",
                );
                for it in rules {
                    rule(&mut text, it);
                }
            }
            text.push_str("\nWhat the playbook asked, and why other rules did not fire\n");
            if asked.is_empty() {
                text.push_str("  nothing: no line of it depends on anything here\n");
            }
            for it in asked {
                question(&mut text, it);
            }
        }
    }
    text
}

fn question(text: &mut String, asked: &Asked) {
    writeln!(text, "  {}:{}  {}", asked.file, asked.line, asked.text).ok();
    let values: Vec<String> = asked
        .values
        .iter()
        .map(|(name, value)| format!("{name} is {value}"))
        .collect();
    let values = values.join(", ");
    let because = if values.is_empty() { "" } else { ": " };
    writeln!(text, "      {}{because}{values}", asked.fell).ok();
}

fn of_spent(spent: Spent) -> String {
    let part =
        |name: &str, micros: u64| format!("{name} {}.{:03} ms", micros / 1000, micros % 1000);
    [
        part("understanding", spent.understand_us),
        part("playbook", spent.playbook_us),
        part("reply", spent.write_us),
    ]
    .join(", ")
}
