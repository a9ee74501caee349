//! What a terminal and the desk say to each other: JSON, one value a line. `consultant desk --json`
//! hands the same lines to programs, so that a change of shape is a decision.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The protocol that this build speaks.
pub const PROTOCOL: u32 = 1;

/// The longest line, in bytes: far more than anybody types, and no file travels in one.
pub const LINE_BYTES: usize = 1 << 20;

/// What a terminal asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do", deny_unknown_fields)]
pub enum Ask {
    /// Comes in, as one of the agents.
    Come {
        /// The agent's account in `desk.yaml`.
        account: String,
        /// [`PROTOCOL`].
        protocol: u32,
    },
    /// Says something in a room: words for the customer, a note or a command.
    Say {
        /// The room's number.
        room: u64,
        /// The words.
        text: String,
        /// A name of the sender's own, another one for each thing that is done: what is asked twice
        /// under one name is done once.
        #[serde(default)]
        id: String,
        /// The message of the room that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answers: Option<String>,
    },
    /// Sends a file to the customer.
    Send {
        /// The room's number.
        room: u64,
        /// Where it lies on the machine of the bot.
        path: PathBuf,
        /// As of [`Ask::Say`].
        #[serde(default)]
        id: String,
    },
    /// Changes what was said.
    Edit {
        /// The room's number.
        room: u64,
        /// The name under which it was said.
        of: String,
        /// What it is to read.
        text: String,
        /// As of [`Ask::Say`].
        #[serde(default)]
        id: String,
    },
    /// Takes back what was said.
    Undo {
        /// The room's number.
        room: u64,
        /// The name under which it was said.
        of: String,
        /// As of [`Ask::Say`].
        #[serde(default)]
        id: String,
    },
    /// Which rooms there are.
    Rooms {
        /// Also those in which nobody waits and no person answers.
        #[serde(default)]
        all: bool,
    },
    /// What is known of a room.
    Room {
        /// Its number.
        room: u64,
    },
    /// The terminal has shown it: only now is it delivered.
    Shown {
        /// Of [`Told::Opened`], [`Told::Line`], [`Told::Changed`] or [`Told::TakenBack`].
        receipt: u64,
    },
}

/// What the desk tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Told {
    /// Whoever came is in.
    Welcome {
        /// The agent's name.
        name: String,
        /// The rooms in which somebody waits or a person answers.
        rooms: Vec<RoomInList>,
    },
    /// Whoever is here may not be. Nothing follows.
    TurnedAway {
        /// Why.
        why: String,
        /// What to try.
        hint: String,
    },
    /// The bot stops. Nothing follows.
    Stopping,
    /// A room was opened.
    Opened {
        /// To be confirmed with [`Ask::Shown`].
        receipt: u64,
        /// The name of the message that shows the card.
        message: String,
        /// Where.
        room: RoomName,
        /// What it is called.
        title: String,
        /// Why a person is needed, and what is known.
        card: String,
    },
    /// Something is said in a room.
    Line {
        /// To be confirmed with [`Ask::Shown`].
        receipt: u64,
        /// Its name.
        message: String,
        /// Where; outside of all rooms where it is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<RoomName>,
        /// What.
        text: String,
        /// The file that it shows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<FileInRoom>,
    },
    /// Something that was said reads otherwise now.
    Changed {
        /// To be confirmed with [`Ask::Shown`].
        receipt: u64,
        /// Its name.
        message: String,
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<RoomName>,
        /// What it reads now.
        text: String,
    },
    /// Something that was said was taken back.
    TakenBack {
        /// To be confirmed with [`Ask::Shown`].
        receipt: u64,
        /// Its name.
        message: String,
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<RoomName>,
    },
    /// What a colleague does at another terminal.
    Colleague {
        /// Who.
        name: String,
        /// In which room.
        room: u64,
        /// Whether it is said, changed or taken back.
        what: Deed,
        /// The words.
        text: String,
    },
    /// Which rooms there are.
    Rooms {
        /// The most urgent ones first.
        rooms: Vec<RoomInList>,
    },
    /// What is known of a room.
    Room(Box<RoomView>),
    /// It is stored, and will be done.
    Taken {
        /// The name of what was asked.
        id: String,
    },
    /// Nothing came of it.
    NotTaken {
        /// The name of what was asked; empty where it had none.
        id: String,
        /// Why.
        why: String,
        /// What to try.
        hint: String,
    },
}

/// What was done with words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// They were said.
    Said,
    /// They stand in place of others.
    Changed,
    /// They were taken back.
    TakenBack,
}

/// A room, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomName {
    /// Its number.
    pub number: u64,
    /// A short name of the customer, which says nothing about them.
    pub customer: String,
}

/// A room as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomInList {
    /// Which one.
    #[serde(flatten)]
    pub room: RoomName,
    /// Why a person is needed.
    pub title: String,
    /// `low`, `normal`, `high` or `urgent`.
    pub priority: String,
    /// `waiting`, `agent`, `bot`, `handing_back` or `closed`.
    pub owner: String,
    /// Who answers, where a person does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Since when it is so, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// A room as it stands in the store: also what nobody had a terminal open for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomView {
    /// As in a list.
    #[serde(flatten)]
    pub room: RoomInList,
    /// Why a person was called, and what was known then.
    pub card: String,
    /// The newest lines, oldest first.
    pub lines: Vec<LineInView>,
}

/// A line of a room that is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineInView {
    /// When.
    pub at: Timestamp,
    /// Who spoke: `customer`, `bot`, `agent`, or `note` for a note of an agent's.
    pub by: String,
    /// Which agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What.
    pub text: String,
}

/// A file that a room shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInRoom {
    /// `picture`, `voice`, `video` or `file`.
    pub kind: String,
    /// What its sender calls it. Never a path.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
    /// Where it is kept, where that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal_desk::lines::json_line;

    fn text() -> String {
        "x".to_owned()
    }

    fn room() -> RoomName {
        RoomName {
            number: 7,
            customer: "1a2b".to_owned(),
        }
    }

    fn in_list() -> RoomInList {
        RoomInList {
            room: room(),
            title: text(),
            priority: "normal".to_owned(),
            owner: "agent".to_owned(),
            agent: Some("mia".to_owned()),
            since: Some(Timestamp::UNIX_EPOCH),
        }
    }

    fn view() -> RoomView {
        let line = LineInView {
            at: Timestamp::UNIX_EPOCH,
            by: "note".to_owned(),
            name: Some("mia".to_owned()),
            text: text(),
        };
        RoomView {
            room: in_list(),
            card: text(),
            lines: vec![line],
        }
    }

    fn file() -> FileInRoom {
        FileInRoom {
            kind: "picture".to_owned(),
            name: text(),
            bytes: 1,
            path: Some("/x".into()),
        }
    }

    fn shown() -> [Told; 4] {
        let (receipt, room) = (1, Some(room()));
        let message = || "m".to_owned();
        [
            Told::Opened {
                receipt,
                message: message(),
                room: self::room(),
                title: text(),
                card: text(),
            },
            Told::Line {
                receipt,
                message: message(),
                room: room.clone(),
                text: text(),
                file: Some(file()),
            },
            Told::Changed {
                receipt,
                message: message(),
                room,
                text: text(),
            },
            Told::TakenBack {
                receipt,
                message: message(),
                room: None,
            },
        ]
    }

    fn others() -> [Told; 8] {
        let rooms = || vec![in_list()];
        [
            Told::Welcome {
                name: text(),
                rooms: rooms(),
            },
            Told::TurnedAway {
                why: text(),
                hint: text(),
            },
            Told::Stopping,
            Told::Colleague {
                name: text(),
                room: 7,
                what: Deed::TakenBack,
                text: text(),
            },
            Told::Rooms { rooms: rooms() },
            Told::Room(Box::new(view())),
            Told::Taken { id: text() },
            Told::NotTaken {
                id: text(),
                why: text(),
                hint: text(),
            },
        ]
    }

    #[test]
    fn what_programs_read_is_a_decision() {
        let all: Vec<Told> = shown().into_iter().chain(others()).collect();
        let lines: String = all.iter().map(json_line).collect();
        let read = lines.lines().map(serde_json::from_str::<Told>);
        assert_eq!(read.collect::<Result<Vec<_>, _>>().unwrap(), all);
        insta::assert_snapshot!(lines, @r#"
        {"event":"opened","receipt":1,"message":"m","room":{"number":7,"customer":"1a2b"},"title":"x","card":"x"}
        {"event":"line","receipt":1,"message":"m","room":{"number":7,"customer":"1a2b"},"text":"x","file":{"kind":"picture","name":"x","bytes":1,"path":"/x"}}
        {"event":"changed","receipt":1,"message":"m","room":{"number":7,"customer":"1a2b"},"text":"x"}
        {"event":"taken_back","receipt":1,"message":"m"}
        {"event":"welcome","name":"x","rooms":[{"number":7,"customer":"1a2b","title":"x","priority":"normal","owner":"agent","agent":"mia","since":"1970-01-01T00:00:00Z"}]}
        {"event":"turned_away","why":"x","hint":"x"}
        {"event":"stopping"}
        {"event":"colleague","name":"x","room":7,"what":"taken_back","text":"x"}
        {"event":"rooms","rooms":[{"number":7,"customer":"1a2b","title":"x","priority":"normal","owner":"agent","agent":"mia","since":"1970-01-01T00:00:00Z"}]}
        {"event":"room","number":7,"customer":"1a2b","title":"x","priority":"normal","owner":"agent","agent":"mia","since":"1970-01-01T00:00:00Z","card":"x","lines":[{"at":"1970-01-01T00:00:00Z","by":"note","name":"mia","text":"x"}]}
        {"event":"taken","id":"x"}
        {"event":"not_taken","id":"x","why":"x","hint":"x"}
        "#);
    }

    #[test]
    fn what_programs_write_is_a_decision() {
        let asked = |json: &str| serde_json::from_str::<Ask>(json).is_ok();
        for json in [
            r#"{"do":"come","account":"mia","protocol":1}"#,
            r#"{"do":"say","room":1,"text":"x"}"#,
            r#"{"do":"say","room":1,"text":"x","id":"a","answers":"m"}"#,
            r#"{"do":"send","room":1,"path":"/x"}"#,
            r#"{"do":"edit","room":1,"of":"a","text":"y"}"#,
            r#"{"do":"undo","room":1,"of":"a"}"#,
            r#"{"do":"rooms"}"#,
            r#"{"do":"room","room":1}"#,
            r#"{"do":"shown","receipt":1}"#,
        ] {
            assert!(asked(json), "{json}");
        }
        // A key that is mistyped must not be silently without effect.
        for json in [
            r#"{"do":"say","room":1,"text":"x","answer":"m"}"#,
            r#"{"do":"say","room":"1","text":"x"}"#,
            r#"{"do":"fly"}"#,
            "{}",
        ] {
            assert!(!asked(json), "{json}");
        }
    }
}
