//! What a replay found: how much stays as it is, and what comes out otherwise, by kind and by what
//! changed, with examples.

use std::{collections::BTreeMap, fmt::Write};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Replayed,
    compare::{Came, Cause, Difference, Example, Kind},
};
use crate::output::counted;

/// So many examples of each change.
const EXAMPLES: usize = 3;
/// So many changes of each kind are shown to people; programs get all of them.
const SHOWN: usize = 12;

/// What was compared with what, for people.
#[derive(Clone, Debug, Serialize)]
pub struct Sides {
    /// What answered before.
    pub before: String,
    /// What is tried.
    pub after: String,
}

/// What a replay found.
#[derive(Clone, Debug, Serialize)]
pub struct Replay {
    since: Timestamp,
    #[serde(flatten)]
    sides: Sides,
    conversations: usize,
    turns: usize,
    /// Conversations in which nothing comes out otherwise.
    unchanged: usize,
    /// Turns behind a first difference that come out otherwise too.
    after_a_difference: usize,
    otherwise_than_recorded: Otherwise,
    left_out: LeftOut,
    changes: Vec<Change>,
}

/// What no longer comes out as it was recorded, with the playbook from before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Otherwise {
    conversations: usize,
    turns: usize,
}

/// What could not be run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct LeftOut {
    /// The version that answered is not kept, or no longer runs.
    without_version: usize,
    /// The store could not read them, or the run broke.
    unreadable: usize,
}

/// A change, and how often it is the first one of a conversation.
#[derive(Clone, Debug, Serialize)]
struct Change {
    #[serde(flatten)]
    difference: Difference,
    conversations: usize,
    examples: Vec<Example>,
}

impl Replay {
    /// Nothing found yet, of those who began since then.
    pub fn new(since: Timestamp, sides: Sides) -> Self {
        Self {
            since,
            sides,
            conversations: 0,
            turns: 0,
            unchanged: 0,
            after_a_difference: 0,
            otherwise_than_recorded: Otherwise::default(),
            left_out: LeftOut::default(),
            changes: Vec::new(),
        }
    }

    /// From all that was run, in order; `None` is a conversation that could not be.
    #[must_use]
    pub fn of(self, all: impl IntoIterator<Item = Option<Replayed>>) -> Self {
        let mut replay = self;
        let mut changes = BTreeMap::new();
        for replayed in all {
            let Some(Replayed(talks)) = replayed else {
                replay.left_out.unreadable += 1;
                continue;
            };
            for came in talks {
                replay.add(came, &mut changes);
            }
        }
        replay.changes = changes.into_values().collect();
        replay.changes.sort_by(|a: &Change, b| {
            let place = |it: &Change| (it.difference.kind, std::cmp::Reverse(it.conversations));
            place(a).cmp(&place(b))
        });
        replay
    }

    fn add(&mut self, came: Came, changes: &mut BTreeMap<Difference, Change>) {
        let Came::Run {
            turns,
            otherwise_than_recorded,
            cause,
        } = came
        else {
            self.left_out.without_version += 1;
            return;
        };
        self.conversations += 1;
        self.turns += turns;
        let otherwise = &mut self.otherwise_than_recorded;
        otherwise.turns += otherwise_than_recorded;
        otherwise.conversations += usize::from(otherwise_than_recorded > 0);
        let Some(cause) = cause else {
            self.unchanged += 1;
            return;
        };
        let Cause {
            differences,
            example,
            behind,
        } = cause;
        self.after_a_difference += behind;
        for difference in differences {
            let change = changes.entry(difference.clone()).or_insert(Change {
                difference,
                conversations: 0,
                examples: Vec::new(),
            });
            change.conversations += 1;
            if change.examples.len() < EXAMPLES {
                change.examples.push(example.clone());
            }
        }
    }

    /// For programs.
    pub fn json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// For people.
    pub fn render(&self) -> String {
        let mut text = String::new();
        let since = self.since.strftime("%Y-%m-%d %H:%M UTC");
        let Sides { before, after } = &self.sides;
        writeln!(
            text,
            "{} that began since {since}, with {}; nothing was sent and nothing was written",
            counted(self.conversations, "conversation"),
            counted(self.turns, "turn"),
        )
        .ok();
        writeln!(text, "  before: {before}\n  after:  {after}\n").ok();
        self.summary(&mut text);
        let kinds = self
            .changes
            .chunk_by(|a, b| a.difference.kind == b.difference.kind);
        for changes in kinds {
            render_kind(&mut text, changes);
        }
        self.caveats(&mut text);
        text
    }

    fn summary(&self, text: &mut String) {
        let changed = self.conversations - self.unchanged;
        if changed == 0 {
            text.push_str("nothing comes out otherwise\n");
            return;
        }
        writeln!(
            text,
            "{} of {} come out otherwise, told by the first turn in which each does; {} behind \
             those differ too",
            changed,
            counted(self.conversations, "conversation"),
            counted(self.after_a_difference, "turn"),
        )
        .ok();
    }

    fn caveats(&self, text: &mut String) {
        let Otherwise {
            conversations,
            turns,
        } = self.otherwise_than_recorded;
        if conversations > 0 {
            writeln!(
                text,
                "\n{} ({}) no longer come out as they were recorded, whatever is changed: the \
                 catalogue, the FAQ or the program are others since, or it is not known exactly \
                 what the customer did",
                counted(conversations, "conversation"),
                counted(turns, "turn"),
            )
            .ok();
        }
        let LeftOut {
            without_version,
            unreadable,
        } = self.left_out;
        if without_version > 0 {
            writeln!(
                text,
                "\n{} left out: the version that answered is not kept, or no longer runs with \
                 this catalogue; `--base VERSION` runs them with another one",
                counted(without_version, "conversation"),
            )
            .ok();
        }
        if unreadable > 0 {
            writeln!(
                text,
                "\n{} left out because they cannot be read; run `consultant store verify`",
                counted(unreadable, "conversation"),
            )
            .ok();
        }
    }
}

fn render_kind(text: &mut String, changes: &[Change]) {
    let Some(kind) = changes.first().map(|it| it.difference.kind) else {
        return;
    };
    writeln!(text, "\n{}", Kind::name(kind)).ok();
    for change in changes.iter().take(SHOWN) {
        writeln!(
            text,
            "  {} × {}",
            change.conversations, change.difference.what
        )
        .ok();
        for (place, example) in change.examples.iter().enumerate() {
            if place > 0 {
                text.push('\n');
            }
            example.render(text);
        }
    }
    if changes.len() > SHOWN {
        let more = counted(changes.len() - SHOWN, "other change");
        writeln!(text, "  and {more}; `--json` has all of them").ok();
    }
}

impl Example {
    fn render(&self, text: &mut String) {
        let line = |text: &mut String, name: &str, words: &str| {
            let words = if words.is_empty() { "(nothing)" } else { words };
            let words = words.replace('\n', "\n                ");
            writeln!(text, "      {name:<9} {words}").ok();
        };
        line(text, "customer:", &self.said);
        line(text, "before:", &self.before);
        line(text, "after:", &self.after);
        writeln!(text, "      turn {} of {}", self.turn, self.conversation).ok();
    }
}
