//! What opens a conversation's room at a desk: why a person is needed, and what is known by then.

use std::fmt::Write;

use unicode_segmentation::UnicodeSegmentation;

use crate::{
    Button, Card, Case, ConversationId, Language, OutboxEntry, OutboxId, Press, Priority, Relayed,
    RoomChange, Session, Speaker, wording,
};

/// Words of one line of the dialogue, at the most.
const LINE_GRAPHEMES: usize = 200;
/// The same of the customer's newest line, about which a person is called.
const NEWEST_GRAPHEMES: usize = 2_000;
/// Words of a room's title that say why, at the most.
const TITLE_GRAPHEMES: usize = 60;
/// Lines of the dialogue.
const LINES: usize = 8;

/// What a room is called: how urgent it is, why, and a short name of the conversation.
pub(super) fn title(conversation: ConversationId, session: &Session) -> String {
    let (_, low) = conversation.0.as_u64_pair();
    let short = format!("{:04x}", low & 0xffff);
    let Some(escalation) = &session.escalation else {
        return short;
    };
    let mark = match escalation.priority {
        Priority::Urgent => "🔴 ",
        Priority::High => "🟠 ",
        Priority::Normal | Priority::Low => "",
    };
    match first_graphemes(&escalation.reason, TITLE_GRAPHEMES) {
        why if why.is_empty() => format!("{mark}{short}"),
        why => format!("{mark}{why} · {short}"),
    }
}

/// The card of a case, as it is shown in its room.
pub(super) fn entry(language: Language, entry: OutboxEntry, case: &mut Case) -> OutboxEntry {
    let reopened = case.reopened();
    let relayed = entry.relayed.map(|relayed| Relayed {
        verbatim: true,
        opens: Some(case.title.clone()),
        room: RoomChange {
            title: Some(case.title.clone()),
            open: reopened,
        },
        ..*relayed
    });
    OutboxEntry {
        // Before the copies of what was said with it, after a restart too.
        id: OutboxId(format!("card/{}", entry.id)),
        text: case.card.clone(),
        card: Some(buttons(language, case)),
        relayed: relayed.map(Box::new),
        ..entry
    }
}

/// What can be pressed under it.
fn buttons(language: Language, case: &Case) -> Card {
    let presses = [
        Press::SendSuggested,
        Press::Take,
        Press::HandBack,
        Press::Close,
        Press::Why,
    ];
    let labels = wording::desk_buttons(language);
    let is_left_out = |press: &Press| *press == Press::SendSuggested && case.suggested.is_none();
    let buttons = labels.into_iter().zip(presses);
    let buttons = buttons.filter(|(_, press)| !is_left_out(press));
    Card {
        title: String::new(),
        price: None,
        picture_url: None,
        buttons: buttons
            .map(|(label, press)| Button {
                label: label.to_owned(),
                press,
            })
            .collect(),
    }
}

/// What stands at the top of the room. Customers' own words stand in it as they were cleaned, one
/// line each, and it is shown letter by letter.
pub(super) fn text(language: Language, case: &Case, session: &Session) -> String {
    let customer = &case.customer;
    let words = Words::of(language);
    let mut text = String::new();
    let mut line = |head: &str, what: String| {
        if !what.is_empty() {
            writeln!(text, "{head}: {what}").ok();
        }
    };
    if let Some(escalation) = &session.escalation {
        let priority = Priority::NAMES
            .iter()
            .find(|(it, _)| *it == escalation.priority);
        line(words.why, escalation.reason.clone());
        line(words.priority, priority.map_or("", |it| it.1).to_owned());
        line(words.team, escalation.team.clone().unwrap_or_default());
    }
    line(
        words.customer,
        format!("{}, {}", customer.channel, session.language),
    );
    line(words.stage, session.stage.clone());
    let slots = session.slots.iter();
    line(
        words.known,
        joined(slots.map(|(slot, value)| format!("{slot} {value}"))),
    );
    let points: i64 = session.points.iter().map(|it| i64::from(it.points)).sum();
    let reasons = joined(session.points.iter().map(|it| it.reason.clone()));
    if !reasons.is_empty() {
        line(words.score, format!("{points} ({reasons})"));
    }
    line(words.tags, joined(session.tags.iter().cloned()));
    line(
        words.suggested,
        one_line(case.suggested.as_deref().unwrap_or_default()),
    );
    text.push_str(&lines(session));
    text.trim_end().to_owned()
}

/// The last lines of the dialogue, the newest of the customer in full.
pub(super) fn lines(session: &Session) -> String {
    let mut text = String::new();
    let history = &session.history;
    let newest = history
        .iter()
        .rposition(|it| it.speaker == Speaker::Customer);
    let first = history.len().saturating_sub(LINES);
    for (number, said) in history.iter().enumerate().skip(first) {
        let mark = match said.speaker {
            Speaker::Customer => "👤",
            Speaker::Bot => "🤖",
            Speaker::Agent => "🧑‍💼",
        };
        let most = if newest == Some(number) {
            NEWEST_GRAPHEMES
        } else {
            LINE_GRAPHEMES
        };
        let said = first_graphemes(&one_line(&said.text), most);
        writeln!(text, "{mark} {said}").ok();
    }
    text.trim_end().to_owned()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn first_graphemes(text: &str, most: usize) -> String {
    text.graphemes(true).take(most).collect()
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// The card's headings.
struct Words {
    why: &'static str,
    priority: &'static str,
    team: &'static str,
    customer: &'static str,
    stage: &'static str,
    known: &'static str,
    score: &'static str,
    tags: &'static str,
    suggested: &'static str,
}

impl Words {
    const fn of(language: Language) -> Self {
        if matches!(language, Language::ZH) {
            return Self {
                why: "原因",
                priority: "优先级",
                team: "团队",
                customer: "客户",
                stage: "阶段",
                known: "已知",
                score: "意向分",
                tags: "标签",
                suggested: "建议回复",
            };
        }
        Self {
            why: "Why",
            priority: "Priority",
            team: "Team",
            customer: "Customer",
            stage: "Stage",
            known: "Known",
            score: "Lead score",
            tags: "Tags",
            suggested: "Suggested",
        }
    }
}
