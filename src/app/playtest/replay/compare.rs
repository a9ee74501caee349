//! What came out otherwise, turn by turn.

use consultant_core::{
    ConversationId, Currency, Happening, InboundEvent, TracedRule, extract::find_claims,
    mask::masked,
};
use serde::Serialize;

use super::{
    super::{check::reply, house::Seen},
    model::WORDS,
    talks::{Deed, Talk},
};

/// The longest words of what changed, in letters: it is a name to count by.
const LABEL_CHARS: usize = 70;

/// What came of a talk.
pub(super) enum Came {
    /// The version that answered it is not kept, or no longer runs.
    LeftOut,
    /// It was run twice.
    Run {
        turns: usize,
        /// Turns that came out otherwise than recorded, with the playbook from before.
        otherwise_than_recorded: usize,
        /// Where it first came out otherwise with the other playbook.
        cause: Option<Cause>,
    },
}

/// The first turn of a talk that came out otherwise.
pub(super) struct Cause {
    pub(super) differences: Vec<Difference>,
    pub(super) example: Example,
    /// Later turns that came out otherwise too. They answer words that belong to another talk.
    pub(super) behind: usize,
}

/// One thing that came out otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Difference {
    pub(super) kind: Kind,
    /// From what to what.
    pub(super) what: String,
}

/// What it is about, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A script that could not run.
    Failure,
    /// A person is called, or is not.
    Escalation,
    /// The stage after the turn.
    Stage,
    /// Prices, discounts, and that something is free.
    Price,
    /// What the playbook asked for.
    Action,
    /// Other words of the reply.
    Reply,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Failure => "script that fails",
            Self::Escalation => "escalation",
            Self::Stage => "stage",
            Self::Price => "price",
            Self::Action => "actions",
            Self::Reply => "reply",
        }
    }
}

/// A turn to look at, without what tells who the customer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Example {
    pub(super) conversation: ConversationId,
    /// From 1.
    pub(super) turn: usize,
    pub(super) said: String,
    pub(super) before: String,
    pub(super) after: String,
}

/// The first turn that came out otherwise, if any did.
pub(super) fn cause(
    talk: &Talk,
    (before, after): (&[Seen], &[Seen]),
    home: Currency,
) -> Option<Cause> {
    let both = before.iter().zip(after);
    let mut differing =
        both.zip(&talk.deeds)
            .enumerate()
            .filter_map(|(turn, ((before, after), deed))| {
                let differences = differences(before, after, home);
                (!differences.is_empty()).then_some((turn, deed, before, after, differences))
            });
    let (turn, deed, before, after, differences) = differing.next()?;
    Some(Cause {
        differences,
        example: Example {
            conversation: talk.conversation,
            turn: turn + 1,
            said: masked(&words(deed)),
            before: masked(&reply(before)),
            after: masked(&reply(after)),
        },
        behind: differing.count(),
    })
}

/// What the customer did, for people.
fn words(deed: &Deed) -> String {
    match &deed.event {
        InboundEvent::Message { text, .. } if text.is_empty() => "(a file)".to_owned(),
        InboundEvent::Message { text, .. } => text.clone(),
        InboundEvent::Edited { text } => format!("(edited) {text}"),
        InboundEvent::Command { command } => format!("/{}", command.name()),
        InboundEvent::Left => "(left)".to_owned(),
        InboundEvent::Pressed { .. } => "(a button)".to_owned(),
        InboundEvent::Unsupported { .. } | InboundEvent::Fired { .. } | InboundEvent::AtDesk(_) => {
            "(no words)".to_owned()
        }
    }
}

/// Everything that came out otherwise in a turn.
fn differences(before: &Seen, after: &Seen, home: Currency) -> Vec<Difference> {
    let both = |of: fn(&Seen) -> Vec<String>| changed(&of(before), &of(after));
    let (words_before, words_after) = (Words::of(before, home), Words::of(after, home));
    let found = [
        (Kind::Failure, both(failures)),
        (Kind::Escalation, both(escalations)),
        (Kind::Stage, both(stage)),
        (
            Kind::Price,
            changed(&words_before.claims, &words_after.claims),
        ),
        (Kind::Action, both(actions)),
        (
            Kind::Reply,
            changed_lines(&words_before.lines, &words_after.lines),
        ),
    ];
    let told = found.into_iter().filter_map(|(kind, what)| {
        let what = what?;
        Some(Difference { kind, what })
    });
    told.collect()
}

fn failures(seen: &Seen) -> Vec<String> {
    let failed = seen.happenings.iter().filter_map(|it| match it {
        Happening::PlaybookFailed { reason } => Some(reason.clone()),
        _ => None,
    });
    failed.collect()
}

fn escalations(seen: &Seen) -> Vec<String> {
    let called = seen.happenings.iter().filter_map(|it| match it {
        Happening::Escalated { reason, .. } => Some(reason.clone()),
        _ => None,
    });
    called.collect()
}

fn stage(seen: &Seen) -> Vec<String> {
    let session = seen.session.iter();
    session.map(|it| it.stage.clone()).collect()
}

fn actions(seen: &Seen) -> Vec<String> {
    let named = seen.actions.iter();
    named
        .map(|action| named_action(action.name(), action.subject()))
        .collect()
}

fn named_action(name: &str, of: Option<String>) -> String {
    of.map_or_else(|| name.to_owned(), |of| format!("{name} {of}"))
}

/// A reply: what it claims about money, and the lines around that.
struct Words {
    claims: Vec<String>,
    lines: Vec<String>,
}

impl Words {
    fn of(seen: &Seen, home: Currency) -> Self {
        let text = reply(seen);
        let (mut claims, mut rest, mut done) = (Vec::new(), String::new(), 0);
        for claim in find_claims(&text, home) {
            if claim.range.start < done {
                continue;
            }
            rest.push_str(text.get(done..claim.range.start).unwrap_or_default());
            rest.push('…');
            done = claim.range.end;
            claims.push(claim.text);
        }
        rest.push_str(text.get(done..).unwrap_or_default());
        let lines = rest.lines().filter(|line| !line.trim().is_empty());
        Self {
            claims,
            lines: lines.map(str::to_owned).collect(),
        }
    }
}

/// What was left out and what came, `a, b -> c`; none where all is as it was.
fn changed(before: &[String], after: &[String]) -> Option<String> {
    if before == after {
        return None;
    }
    let (gone, new) = (without(before, after), without(after, before));
    if gone.is_empty() && new.is_empty() {
        return Some(short(&format!("in another order: {}", after.join(", "))));
    }
    Some(format!("{} -> {}", listed(&gone), listed(&new)))
}

/// As [`changed`], of the first line on each side: a text that is written anew has many.
fn changed_lines(before: &[String], after: &[String]) -> Option<String> {
    if before == after {
        return None;
    }
    let first = |lines: Vec<&String>| lines.into_iter().take(1).cloned().collect::<Vec<_>>();
    let (gone, new) = (first(without(before, after)), first(without(after, before)));
    if gone.is_empty() && new.is_empty() {
        return Some("in another order".to_owned());
    }
    let listed = |lines: &[String]| listed(&lines.iter().collect::<Vec<_>>());
    Some(format!("{} -> {}", listed(&gone), listed(&new)))
}

/// Those of the first list that the second one lacks, each as often as it does.
fn without<'a>(these: &'a [String], those: &[String]) -> Vec<&'a String> {
    let mut left: Vec<&String> = those.iter().collect();
    let mut kept = Vec::new();
    for one in these {
        match left.iter().position(|other| *other == one) {
            Some(at) => drop(left.swap_remove(at)),
            None => kept.push(one),
        }
    }
    kept
}

fn listed(things: &[&String]) -> String {
    if things.is_empty() {
        return "nothing".to_owned();
    }
    let things: Vec<&str> = things.iter().map(|it| it.as_str()).collect();
    short(&masked(&things.join(", ")))
}

fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LABEL_CHARS {
        return line;
    }
    let kept: String = line.chars().take(LABEL_CHARS).collect();
    format!("{}…", kept.trim_end())
}

/// How many turns came out otherwise than it was recorded. The words of a model are not compared.
pub(super) fn otherwise_than_recorded(talk: &Talk, seen: &[Seen]) -> usize {
    let both = talk.deeds.iter().zip(seen);
    both.filter(|(deed, seen)| !is_as_recorded(deed, seen))
        .count()
}

fn is_as_recorded(deed: &Deed, seen: &Seen) -> bool {
    let by_model = deed.by_model || reply(seen).contains(WORDS);
    let same_words = by_model || deed.replied.join("\n") == reply(seen);
    let same_rules = deed.rules.as_ref().is_none_or(|rules| {
        let rules = rules.iter();
        let rules: Vec<String> = rules
            .map(|TracedRule { action, of, .. }| named_action(action, of.clone()))
            .collect();
        rules == actions(seen)
    });
    same_words && same_rules
}

#[cfg(test)]
mod tests {
    use consultant_core::Action;

    use super::*;

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|it| (*it).to_owned()).collect()
    }

    #[track_caller]
    fn check(before: &[&str], after: &[&str], expect: Option<&str>) {
        let found = changed(&strings(before), &strings(after));
        assert_eq!(found.as_deref(), expect);
    }

    #[test]
    fn only_what_changed_is_told() {
        check(&["say", "goto a"], &["say", "goto a"], None);
        check(
            &["say", "goto a"],
            &["say", "goto b"],
            Some("goto a -> goto b"),
        );
        check(&["say"], &["say", "say"], Some("nothing -> say"));
        check(&["a", "b"], &["b", "a"], Some("in another order: b, a"));
        check(
            &["call ann@example.org"],
            &[],
            Some("call [email] -> nothing"),
        );
    }

    #[test]
    fn a_long_text_is_told_by_its_first_other_line_and_is_cut_between_letters() {
        let (before, after) = (strings(&["Hello", "灯"]), strings(&["Hello", "灯盏"]));
        assert_eq!(changed_lines(&before, &after).unwrap(), "灯 -> 灯盏");
        assert_eq!(short(&"灯".repeat(80)).chars().count(), LABEL_CHARS + 1);
    }

    #[test]
    fn an_action_is_its_name_and_its_subject() {
        let seen = Seen {
            actions: vec![
                Action::Answer,
                Action::Goto {
                    stage: "a".to_owned(),
                },
            ],
            ..Seen::default()
        };
        assert_eq!(actions(&seen), ["answer", "goto a"]);
    }
}
