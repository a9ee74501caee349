//! What a turn knows of the sale: who the customer is, how warm they are, what stands in the way,
//! what was said before, and whether people are there.

use consultant_core::{LocalText, Speaker};
use rhai::{Array, Dynamic, Engine, Map};

use super::{
    days::{DateView, TimeView},
    lists::one_or_more,
    turn::{TurnView, names, optional},
};

/// Hours without a word after which somebody comes back rather than goes on.
const AWAY_HOURS: i64 = 12;

/// The longest summary, in bytes of UTF-8: it has to fit into the reason of an escalation.
const SUMMARY_BYTES: usize = 768;

/// `turn.customer`.
#[derive(Clone)]
struct CustomerView(TurnView);

pub(super) fn register(engine: &mut Engine) {
    register_talk(engine);
    register_score(engine);
    register_time(engine);
    register_customer(engine);
}

fn register_talk(engine: &mut Engine) {
    engine
        .register_fn("says", |turn: &mut TurnView, words: Dynamic| {
            let words = one_or_more("the words to look for", &words)?;
            Ok::<_, Box<rhai::EvalAltResult>>(turn.understood.said.says(&words))
        })
        .register_get("objection", |turn: &mut TurnView| {
            let raised = turn.understood.objection.as_ref();
            optional(raised.map(|raised| {
                Map::from([
                    ("id".into(), raised.id.clone().into()),
                    ("times".into(), i64::from(raised.times).into()),
                    ("answer".into(), texts(&raised.answer)),
                ])
            }))
        })
        .register_get("small_talk", |turn: &mut TurnView| {
            let topic = turn.declared.topic(&turn.understood.said);
            optional(topic.map(|topic| {
                Map::from([
                    ("id".into(), topic.id.clone().into()),
                    ("answer".into(), texts(&topic.answer)),
                ])
            }))
        })
        .register_get("history", history)
        .register_get("summary", |turn: &mut TurnView| summary(turn));
}

fn register_score(engine: &mut Engine) {
    engine
        .register_get("score", |turn: &mut TurnView| {
            let points = turn.points.iter().map(|it| i64::from(it.points));
            points.sum::<i64>()
        })
        .register_get("reasons", |turn: &mut TurnView| {
            names(turn.points.iter().map(|it| it.reason.as_str()))
        })
        .register_get("tags", |turn: &mut TurnView| {
            names(turn.tags.iter().map(String::as_str))
        })
        .register_get("promotions", |turn: &mut TurnView| {
            let today = turn.declared.promotions_today(turn);
            names(today.map(|it| it.id.as_str()))
        });
}

fn register_time(engine: &mut Engine) {
    engine
        .register_get("now", |turn: &mut TurnView| {
            TimeView(turn.now.to_zoned_datetime(turn.zone()))
        })
        .register_get("today", |turn: &mut TurnView| DateView(turn.today()))
        .register_get("hours_known", |turn: &mut TurnView| {
            turn.catalog.company.hours.is_some()
        })
        .register_get("open", |turn: &mut TurnView| {
            let hours = turn.catalog.company.hours.as_ref();
            hours.is_none_or(|hours| hours.is_open_at(turn.now))
        })
        .register_fn("open_on", |turn: &mut TurnView, day: DateView| {
            let hours = turn.catalog.company.hours.as_ref();
            hours.is_none_or(|hours| hours.opens_on(day.0))
        })
        .register_get("opens_at", |turn: &mut TurnView| {
            let hours = turn.catalog.company.hours.as_ref();
            let next = hours.and_then(|hours| hours.next_opening(turn.now));
            next.map_or(Dynamic::UNIT, |next| Dynamic::from(TimeView(next)))
        });
}

fn register_customer(engine: &mut Engine) {
    engine
        .register_type_with_name::<CustomerView>("Customer")
        .register_get("customer", |turn: &mut TurnView| CustomerView(turn.clone()))
        .register_get("channel", |it: &mut CustomerView| {
            it.0.customer.channel.to_string()
        })
        .register_get("group", |it: &mut CustomerView| {
            optional(it.0.audience.who.group.clone())
        })
        .register_get("region", |it: &mut CustomerView| {
            optional(it.0.audience.who.region.clone())
        })
        .register_get("since", |it: &mut CustomerView| {
            let since = it.0.customer.since.to_zoned_datetime(it.0.zone());
            DateView(since.date())
        })
        .register_get("returning", |it: &mut CustomerView| {
            let last = it.0.customer.last_said_at;
            last.is_some_and(|last| it.0.now.duration_since(last).as_hours() >= AWAY_HOURS)
        });
}

/// The newest lines, oldest first, without this message: `speaker` is `customer`, `bot` or `agent`.
fn history(turn: &mut TurnView) -> Array {
    let lines = turn.history.iter();
    lines
        .map(|line| {
            let speaker = match line.speaker {
                Speaker::Customer => "customer",
                Speaker::Bot => "bot",
                Speaker::Agent => "agent",
            };
            Dynamic::from_map(Map::from([
                ("speaker".into(), speaker.into()),
                ("text".into(), line.text.clone().into()),
            ]))
        })
        .collect()
}

/// One line for colleagues: stage, what is known, score, tags, and the customer's last words.
fn summary(turn: &TurnView) -> String {
    const QUOTED_CHARS: usize = 120;
    let mut parts = vec![format!("stage {}", turn.stage)];
    let known = turn
        .slots
        .iter()
        .map(|(slot, value)| format!("{slot} {value}"));
    parts.extend(known);
    let points: i64 = turn.points.iter().map(|it| i64::from(it.points)).sum();
    if points != 0 {
        parts.push(format!("score {points}"));
    }
    parts.extend(turn.tags.iter().map(|tag| format!("#{tag}")));
    let objections = turn.objections.keys().cloned();
    parts.extend(objections.map(|id| format!("objects {id}")));
    let words: String = turn.text.chars().take(QUOTED_CHARS).collect();
    let said = format!("; says \"{words}\"");
    let known = beginning(&parts.join(", "), SUMMARY_BYTES.saturating_sub(said.len()));
    format!("{known}{said}")
}

/// As much of a text's beginning as so many bytes hold.
fn beginning(text: &str, bytes: usize) -> String {
    let mut beginning = String::new();
    for letter in text.chars() {
        if beginning.len() + letter.len_utf8() > bytes {
            break;
        }
        beginning.push(letter);
    }
    beginning
}

fn texts(text: &LocalText) -> Dynamic {
    let texts = text.0.iter();
    let texts = texts.map(|(language, words)| (language.code().into(), words.clone().into()));
    Dynamic::from_map(texts.collect::<Map>())
}
