//! Who a text speaks to. Entities count UTF-16 units, so a text is cut as UTF-16 and never as bytes.

use serde::Deserialize;

use super::message::Me;

/// A marked part of an incoming text.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entity {
    #[serde(rename = "type")]
    kind: String,
    offset: usize,
    length: usize,
    user: Option<Mentioned>,
}

#[derive(Clone, Debug, Deserialize)]
struct Mentioned {
    id: i64,
}

const SPACE: u16 = b' ' as u16;

/// The text without the mentions of the bot, and whether there were any.
pub(super) fn strip(text: &str, entities: &[Entity], me: &Me) -> (String, bool) {
    let mut units: Vec<u16> = text.encode_utf16().collect();
    let mut ours: Vec<(usize, usize)> = entities
        .iter()
        .filter_map(|entity| mention_of(me, &units, entity))
        .collect();
    if ours.is_empty() {
        return (text.to_owned(), false);
    }
    // From the end, so that the places before stay where they are.
    ours.sort_unstable_by(|one, other| other.cmp(one));
    ours.dedup();
    for (start, end) in ours {
        remove(&mut units, start, end);
    }
    let text = String::from_utf16_lossy(&units);
    (trim(&text).to_owned(), true)
}

fn mention_of(me: &Me, units: &[u16], entity: &Entity) -> Option<(usize, usize)> {
    let end = entity.offset.checked_add(entity.length)?;
    let marked = units.get(entity.offset..end)?;
    let ours = match entity.kind.as_str() {
        "mention" => String::from_utf16_lossy(marked)
            .strip_prefix('@')
            .is_some_and(|name| name.eq_ignore_ascii_case(&me.username)),
        "text_mention" => entity.user.as_ref().is_some_and(|user| user.id == me.id),
        _ => false,
    };
    ours.then_some((entity.offset, end))
}

/// Removes a part, and one of the two spaces that then meet.
fn remove(units: &mut Vec<u16>, start: usize, end: usize) {
    let end = end.min(units.len());
    if start >= end {
        return;
    }
    let before = start == 0 || units.get(start - 1) == Some(&SPACE);
    let after = units.get(end) == Some(&SPACE);
    units.drain(start..if before && after { end + 1 } else { end });
}

/// Without the space and the comma that stood between the name and the question.
fn trim(text: &str) -> &str {
    text.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, ',' | ':' | '，' | '：' | '、')
    })
    .trim_end()
}

/// The command that a text begins with, and the bot that it names.
pub(super) fn command(text: &str) -> Option<(&str, Option<&str>)> {
    let word = text.strip_prefix('/')?.split_whitespace().next()?;
    match word.split_once('@') {
        Some((name, bot)) => Some((name, Some(bot))),
        None => Some((word, None)),
    }
}

/// Whether the text begins with a command that names this bot.
pub(super) fn command_is_ours(text: &str, me: &Me) -> bool {
    named_bot(text).is_some_and(|bot| bot.eq_ignore_ascii_case(&me.username))
}

/// Whether the text begins with a command that names another bot.
pub(super) fn command_is_anothers(text: &str, me: &Me) -> bool {
    named_bot(text).is_some_and(|bot| !bot.eq_ignore_ascii_case(&me.username))
}

fn named_bot(text: &str) -> Option<&str> {
    command(text).and_then(|(_, bot)| bot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn me() -> Me {
        Me {
            id: 42,
            username: "DemoBot".into(),
        }
    }

    fn mention(offset: usize, length: usize) -> Entity {
        Entity {
            kind: "mention".into(),
            offset,
            length,
            user: None,
        }
    }

    #[track_caller]
    fn check(text: &str, entities: &[Entity], expect: (&str, bool)) {
        let (stripped, mentioned) = strip(text, entities, &me());
        assert_eq!((stripped.as_str(), mentioned), expect);
    }

    #[test]
    fn mentions_of_the_bot_are_cut_out_wherever_they_stand() {
        check("@DemoBot how much?", &[mention(0, 8)], ("how much?", true));
        check("@demobot: how much?", &[mention(0, 8)], ("how much?", true));
        check("how much @DemoBot?", &[mention(9, 8)], ("how much ?", true));
        check(
            "hey @DemoBot how much",
            &[mention(4, 8)],
            ("hey how much", true),
        );
        check("@DemoBot", &[mention(0, 8)], ("", true));
        check(
            "@DemoBot @DemoBot hi",
            &[mention(0, 8), mention(9, 8)],
            ("hi", true),
        );
    }

    #[test]
    fn offsets_count_utf16_units() {
        check(
            "😀👍🏽 @DemoBot 多少钱?",
            &[mention(7, 8)],
            ("😀👍🏽 多少钱?", true),
        );
        check("@DemoBot，多少钱？", &[mention(0, 8)], ("多少钱？", true));
    }

    #[test]
    fn others_are_left_alone() {
        check(
            "@Other how much",
            &[mention(0, 6)],
            ("@Other how much", false),
        );
        check("mail a@DemoBot.com", &[], ("mail a@DemoBot.com", false));
    }

    #[test]
    fn a_person_without_a_name_is_mentioned_by_number() {
        let entity = Entity {
            kind: "text_mention".into(),
            offset: 0,
            length: 4,
            user: Some(Mentioned { id: 42 }),
        };
        check("Demo hello", &[entity], ("hello", true));
    }

    #[test]
    fn commands_are_split_from_the_bots_name() {
        assert_eq!(command("/help"), Some(("help", None)));
        assert_eq!(command("/help@X now"), Some(("help", Some("X"))));
        assert_eq!(command("/"), None);
        assert_eq!(command("help"), None);
        assert_eq!(command("/ help"), Some(("help", None)));
    }

    proptest! {
        #[test]
        fn no_entity_makes_it_panic(
            text in ".{0,40}",
            marks in proptest::collection::vec((0usize..60, 0usize..60), 0..6),
        ) {
            let mut marks: Vec<_> = marks.into_iter().map(|(a, b)| mention(a, b)).collect();
            marks.push(mention(usize::MAX, 2));
            let (stripped, _) = strip(&format!("@DemoBot {text}"), &marks, &me());
            prop_assert!(stripped.chars().count() <= text.chars().count() + 9);
        }
    }
}
