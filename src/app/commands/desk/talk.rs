//! What this terminal knows while it is open: which room is open, what was said from here, what is not
//! yet known to be stored, and what was shown. A plain value.

use std::collections::{BTreeMap, HashMap, VecDeque};

use consultant_channels::terminal_desk::wire::{Ask, Told};
use consultant_core::desk::{self, Said};
use uuid::Uuid;

use super::{
    screen::{self, HELP},
    typed::Typed,
};

/// Messages of which it is remembered what they read.
const MESSAGES_REMEMBERED: usize = 1_000;

/// What this terminal knows.
#[derive(Default)]
pub(super) struct Talk {
    /// Whether the bot has let this terminal in.
    is_in: bool,
    /// The open room.
    pub(super) room: Option<u64>,
    /// The names of what was said from here to customers, room by room, oldest first.
    said: HashMap<u64, Vec<String>>,
    /// What was asked and is not answered yet, by its name.
    waiting: BTreeMap<String, Ask>,
    /// Questions that have no names and are not answered yet.
    questions: usize,
    /// What messages read that were shown, the oldest first.
    shown: VecDeque<(MessageName, String)>,
}

/// A message and its room.
type MessageName = (String, Option<u64>);

/// What comes of a typed line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing.
    Nothing,
    /// The bot is asked.
    Ask(Ask),
    /// Whoever typed is told.
    Tell(String),
    /// Whoever typed is told, and the bot is asked.
    Both(&'static str, Ask),
    /// It ends.
    End,
}

impl Talk {
    /// What comes of a typed line.
    pub(super) fn typed(&mut self, typed: Typed) -> Step {
        let step = match typed {
            Typed::Nothing => Step::Nothing,
            Typed::Quit => Step::End,
            Typed::Odd(why) => Step::Tell(format!("{why}\n")),
            Typed::Help => match self.room {
                Some(room) => Step::Both(HELP, say(room, "/help")),
                None => Step::Tell(HELP.to_owned()),
            },
            Typed::Rooms { all } => Step::Ask(Ask::Rooms { all }),
            Typed::Room(room) => Step::Ask(Ask::Room { room }),
            Typed::Send(path) => self.in_room(|room| Ask::Send {
                room,
                path: std::path::absolute(&path).unwrap_or(path),
                id: new_id(),
            }),
            Typed::Say(text) => self.in_room(|room| say(room, &text)),
            Typed::Edit(text) => self.to_newest(|room, of| Ask::Edit {
                room,
                of,
                text,
                id: new_id(),
            }),
            Typed::Undo => self.to_newest(|room, of| Ask::Undo {
                room,
                of,
                id: new_id(),
            }),
        };
        if let Step::Ask(ask) | Step::Both(_, ask) = &step {
            self.asks(ask);
        }
        step
    }

    fn in_room(&self, ask: impl FnOnce(u64) -> Ask) -> Step {
        self.room.map_or_else(no_room, |room| Step::Ask(ask(room)))
    }

    fn to_newest(&self, ask: impl FnOnce(u64, String) -> Ask) -> Step {
        let Some(room) = self.room else {
            return no_room();
        };
        match self.said.get(&room).and_then(|said| said.last()) {
            Some(of) => Step::Ask(ask(room, of.clone())),
            None => Step::Tell(
                "nothing that you have written to this customer since you came is left\n"
                    .to_owned(),
            ),
        }
    }

    /// Something is asked of the bot.
    pub(super) fn asks(&mut self, ask: &Ask) {
        match id_of(ask) {
            Some(id) => drop(self.waiting.insert(id.to_owned(), ask.clone())),
            None if matches!(ask, Ask::Rooms { .. } | Ask::Room { .. }) => self.questions += 1,
            None => {}
        }
    }

    /// Something was told, and is to be noted before it is shown; what the message read before.
    pub(super) fn hears(&mut self, told: &Told) -> Heard {
        match told {
            Told::Welcome { .. } => self.is_in = true,
            Told::Taken { id } => self.is_done(id),
            Told::NotTaken { id, .. } if id.is_empty() => self.answered(),
            Told::NotTaken { id, .. } => drop(self.waiting.remove(id)),
            Told::Rooms { .. } => self.answered(),
            Told::Room(view) => {
                self.room = Some(view.room.room.number);
                self.answered();
            }
            _ => {}
        }
        self.remember(told)
    }

    /// What was said can be changed from then on, and what was taken back cannot.
    fn is_done(&mut self, id: &str) {
        match self.waiting.remove(id) {
            Some(Ask::Say { room, text, id, .. }) if is_for_the_customer(&text) => {
                self.said.entry(room).or_default().push(id);
            }
            Some(Ask::Send { room, id, .. }) => self.said.entry(room).or_default().push(id),
            Some(Ask::Undo { room, of, .. }) => {
                self.said.entry(room).or_default().retain(|it| *it != of);
            }
            _ => {}
        }
    }

    fn answered(&mut self) {
        self.questions = self.questions.saturating_sub(1);
    }

    /// Whether all that was asked is answered, that it may come in too.
    pub(super) fn is_settled(&self) -> bool {
        self.is_in && self.waiting.is_empty() && self.questions == 0
    }

    /// How much of what was asked may not be stored.
    pub(super) fn unsure(&self) -> usize {
        self.waiting.len()
    }

    fn remember(&mut self, told: &Told) -> Heard {
        let mut heard = Heard::default();
        let Some((name, text)) = name_and_text(told) else {
            return heard;
        };
        let known = self.shown.iter().position(|(it, _)| *it == name);
        let earlier = known.and_then(|at| self.shown.remove(at));
        heard.is_known = earlier.is_some() && !matches!(told, Told::Changed { .. });
        heard.earlier = earlier.map(|(_, text)| text);
        if let Some(text) = text {
            self.shown.push_back((name, text));
        }
        if self.shown.len() > MESSAGES_REMEMBERED {
            self.shown.pop_front();
        }
        heard
    }
}

/// What is known of something that was told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// Whether it stands here already: it was sent again because it was not known that it does.
    pub(super) is_known: bool,
    /// What the message read before.
    pub(super) earlier: Option<String>,
}

fn name_and_text(told: &Told) -> Option<(MessageName, Option<String>)> {
    if let Some((message, text)) = screen::remembered(told) {
        return Some(((message.to_owned(), room_of(told)), Some(text.to_owned())));
    }
    match told {
        Told::TakenBack { message, .. } => Some(((message.clone(), room_of(told)), None)),
        _ => None,
    }
}

fn room_of(told: &Told) -> Option<u64> {
    match told {
        Told::Opened { room, .. } => Some(room.number),
        Told::Line { room, .. } | Told::Changed { room, .. } | Told::TakenBack { room, .. } => {
            room.as_ref().map(|it| it.number)
        }
        _ => None,
    }
}

/// To be confirmed once it is shown.
pub(super) const fn receipt_of(told: &Told) -> Option<u64> {
    match told {
        Told::Opened { receipt, .. }
        | Told::Line { receipt, .. }
        | Told::Changed { receipt, .. }
        | Told::TakenBack { receipt, .. } => Some(*receipt),
        _ => None,
    }
}

fn no_room() -> Step {
    Step::Tell("no room is open: /rooms names them, /room NUMBER opens one\n".to_owned())
}

fn is_for_the_customer(text: &str) -> bool {
    matches!(desk::read(text), Ok(Said::ToCustomer(_)))
}

fn say(room: u64, text: &str) -> Ask {
    Ask::Say {
        room,
        text: text.to_owned(),
        id: new_id(),
        answers: None,
    }
}

/// A name that nothing else has.
pub(super) fn new_id() -> String {
    Uuid::now_v7().simple().to_string()
}

fn id_of(ask: &Ask) -> Option<&str> {
    match ask {
        Ask::Say { id, .. }
        | Ask::Send { id, .. }
        | Ask::Edit { id, .. }
        | Ask::Undo { id, .. } => Some(id),
        _ => None,
    }
}

/// What a program asks, with a name where it gave none; `None` for what it need not ask.
pub(super) fn with_a_name(mut ask: Ask) -> Option<Ask> {
    match &mut ask {
        Ask::Say { id, .. }
        | Ask::Send { id, .. }
        | Ask::Edit { id, .. }
        | Ask::Undo { id, .. } => {
            if id.is_empty() {
                *id = new_id();
            }
        }
        Ask::Come { .. } | Ask::Shown { .. } => return None,
        Ask::Rooms { .. } | Ask::Room { .. } => {}
    }
    Some(ask)
}

#[cfg(test)]
mod tests {
    use consultant_channels::terminal_desk::wire::RoomName;

    use super::*;

    fn in_room_7() -> Talk {
        Talk {
            room: Some(7),
            is_in: true,
            ..Talk::default()
        }
    }

    /// Types a line that the bot takes; what was asked.
    #[track_caller]
    fn asks(talk: &mut Talk, line: &str) -> Ask {
        let Step::Ask(ask) = talk.typed(super::super::typed::read(line)) else {
            panic!("{line} asks something")
        };
        let id = id_of(&ask).unwrap_or_default().to_owned();
        talk.hears(&Told::Taken { id });
        ask
    }

    #[test]
    fn without_an_open_room_nothing_goes_to_anybody() {
        let mut talk = Talk::default();
        assert!(!talk.is_settled());
        let rooms = Vec::new();
        let name = "Mia".to_owned();
        talk.hears(&Told::Welcome { name, rooms });
        for line in ["Hello", "/take", "/send a.png", "/edit x", "/undo"] {
            let step = talk.typed(super::super::typed::read(line));
            assert!(
                matches!(&step, Step::Tell(text) if text.contains("no room")),
                "{step:?}"
            );
        }
        assert!(talk.is_settled());
    }

    #[test]
    fn the_newest_message_that_is_left_is_changed_and_taken_back() {
        let mut talk = in_room_7();
        let first = id_of(&asks(&mut talk, "Hello")).unwrap().to_owned();
        let second = id_of(&asks(&mut talk, "It is 2 kg")).unwrap().to_owned();
        asks(&mut talk, "// he is nice");
        asks(&mut talk, "/bakc");
        let edit = asks(&mut talk, "/edit It is 3 kg");
        assert!(matches!(edit, Ask::Edit { of, .. } if of == second));
        assert!(matches!(asks(&mut talk, "/undo"), Ask::Undo { of, .. } if of == second));
        assert!(matches!(asks(&mut talk, "/undo"), Ask::Undo { of, .. } if of == first));
        assert!(matches!(talk.typed(Typed::Undo), Step::Tell(_)));
    }

    #[test]
    fn what_is_not_answered_may_not_be_stored() {
        let mut talk = in_room_7();
        talk.typed(Typed::Say("Hello".to_owned()));
        talk.typed(Typed::Rooms { all: false });
        assert_eq!((talk.unsure(), talk.is_settled()), (1, false));
    }

    #[test]
    fn what_stands_on_the_screen_is_not_shown_twice() {
        let mut talk = Talk::default();
        let line = |text: &str| Told::Line {
            receipt: 1,
            message: "m".to_owned(),
            room: Some(RoomName {
                number: 7,
                customer: String::new(),
            }),
            text: text.to_owned(),
            file: None,
        };
        assert_eq!(talk.hears(&line("a")), Heard::default());
        assert!(talk.hears(&line("a")).is_known);
        let back = Told::TakenBack {
            receipt: 2,
            message: "m".to_owned(),
            room: Some(RoomName {
                number: 7,
                customer: String::new(),
            }),
        };
        assert_eq!(talk.hears(&back).earlier.as_deref(), Some("a"));
    }
}
