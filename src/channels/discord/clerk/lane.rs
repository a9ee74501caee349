//! What waits in one place, in the order in which it happened.

use std::collections::VecDeque;

use serenity::all::{Message, MessageId};

use super::super::{
    ears::{Heard, edited_at},
    reading::last_id_at,
};

/// What waits in one place.
#[derive(Default)]
pub(super) struct Lane {
    pub(super) waiting: VecDeque<Heard>,
    /// How many errands of this place are on their way.
    pub(super) errands: usize,
    /// First of all, the place is to be asked for what was missed.
    pub(super) ask: bool,
    /// What was heard here before did not count: it is to be heard again.
    pub(super) anew: bool,
}

impl Lane {
    pub(super) fn waits_for(&self, message: MessageId) -> bool {
        let mut waiting = self.waiting.iter();
        waiting.any(|heard| matches!(heard, Heard::Message(known) if known.id == message))
    }

    /// What was missed, oldest first, comes before whatever happened later. Discord tells what was
    /// said until it answers, so that some of it may be newer than what waits already.
    pub(super) fn sort_in(&mut self, missed: Vec<Message>) {
        let mut at = 0;
        for message in missed {
            let id = message.id.get();
            let behind = self.waiting.iter().skip(at);
            at += behind.take_while(|heard| happened(heard) < id).count();
            self.waiting.insert(at, Heard::Message(Box::new(message)));
            at += 1;
        }
    }
}

/// When something happened, as an id of that moment.
fn happened(heard: &Heard) -> u64 {
    match heard {
        Heard::Message(message) => message.id.get(),
        // Never before its own message, whatever another server's clock says.
        Heard::Edited(edit) => edited_at(edit).map_or(0, last_id_at).max(edit.id.get()),
        Heard::Asked(asked, _) => asked.given.id,
        // Discord does not tell when.
        Heard::TakenBack(it) => it.message.get(),
        Heard::NewSession | Heard::Guild(..) | Heard::Room(..) => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{super::super::reading::made_at, *};

    /// The id of this second.
    const fn second(second: u64) -> u64 {
        (second * 1_000) << 22
    }

    fn json(id: u64) -> Value {
        json!({
            "id": id.to_string(), "channel_id": "2", "content": "", "edited_timestamp": null,
            "timestamp": "2026-01-01T00:00:00Z", "tts": false, "mention_everyone": false,
            "mentions": [], "mention_roles": [], "attachments": [], "embeds": [],
            "pinned": false, "type": 0,
            "author": { "id": "3", "username": "ann", "discriminator": "0" },
        })
    }

    fn message(at: u64) -> Message {
        serde_json::from_value(json(second(at))).unwrap()
    }

    fn edit(of: u64, at: u64) -> Heard {
        let mut json = json(second(of));
        json["edited_timestamp"] = json!(made_at(second(at)).to_string());
        Heard::Edited(serde_json::from_value(json).unwrap())
    }

    fn told(heard: &Heard) -> String {
        match heard {
            Heard::Message(message) => format!("{}", (message.id.get() >> 22) / 1_000),
            Heard::Edited(edit) => format!("edit of {}", (edit.id.get() >> 22) / 1_000),
            _ => panic!("neither a message nor an edit"),
        }
    }

    #[track_caller]
    fn check(waiting: Vec<Heard>, missed: &[u64], expect: &[&str]) {
        let mut lane = Lane {
            waiting: waiting.into(),
            ..Lane::default()
        };
        lane.sort_in(missed.iter().map(|at| message(*at)).collect());
        let order: Vec<String> = lane.waiting.iter().map(told).collect();
        assert_eq!(order, expect);
    }

    #[test]
    fn what_was_missed_comes_before_whatever_happened_later() {
        let says = |at| Heard::Message(Box::new(message(at)));
        check(Vec::new(), &[1, 2], &["1", "2"]);
        check(vec![says(3)], &[1, 2], &["1", "2", "3"]);
        check(vec![says(3)], &[1, 4], &["1", "3", "4"]);
        check(
            vec![says(3), says(6)],
            &[4, 5, 7],
            &["3", "4", "5", "6", "7"],
        );
        // What came out of order stays so, and nothing that is missed comes after what is newer.
        check(vec![says(5), says(3)], &[4], &["4", "5", "3"]);
    }

    #[test]
    fn an_edit_is_as_old_as_its_change_and_never_older_than_its_message() {
        check(
            vec![edit(2, 4)],
            &[1, 2, 3, 5],
            &["1", "2", "3", "edit of 2", "5"],
        );
        check(vec![edit(4, 3)], &[3, 4, 5], &["3", "4", "edit of 4", "5"]);
    }
}
