//! How a person reads what the desk tells. Everything that the product says begins a line with a word
//! or with `[`; what customers wrote goes on behind `│`, so that nobody can write a line that looks
//! like the desk's own, and nothing in it steers the terminal.

use std::fmt::Write;

use consultant_channels::{
    terminal::harmless,
    terminal_desk::wire::{Deed, FileInRoom, LineInView, RoomInList, RoomName, RoomView, Told},
};
use jiff::Timestamp;

/// Before what goes on with somebody's words.
const GOES_ON: &str = "  │ ";

/// What can be written, as the terminal's own part of it.
pub(super) const HELP: &str = "\
/rooms         who waits, and whom colleagues answer; /rooms all: every room
/room NUMBER   opens a room: what is written from then on is for it
/send PATH     sends a file that lies on this machine
/edit TEXT     changes your newest message; /undo takes it back
/quit          ends, as Ctrl-D does
In a room:
TEXT           goes to the customer; // TEXT is a note that they never see
/take  /back [NOTE]  /close  /why  /priority low|normal|high|urgent  /team NAME  /to COLLEAGUE
";

/// The text for what was told; `earlier` is what was shown of a message before.
pub(super) fn shown(told: &Told, earlier: Option<&str>, now: Timestamp) -> String {
    match told {
        Told::Welcome { name, rooms } => {
            let name = one_line(name);
            let hint = "/room NUMBER opens one, /help says what can be written";
            format!("You are {name}. {}{hint}\n", list(rooms, now))
        }
        Told::Rooms { rooms } => list(rooms, now),
        Told::Room(view) => room(view, now),
        Told::Opened {
            room, title, card, ..
        } => {
            let number = room.number;
            let head = format!("{} new: {}", place(room), one_line(title));
            format!("{head}\n{}/room {number} opens it\n", behind(card))
        }
        Told::Line {
            room, text, file, ..
        } => {
            let file = file.as_ref().map(file_line);
            let text = file.map_or_else(|| text.clone(), |file| format!("{file} {text}"));
            said(&outside(room.as_ref()), text.trim_end())
        }
        Told::Changed { room, text, .. } => said(&outside(room.as_ref()), &format!("✎ {text}")),
        Told::TakenBack { room, .. } => {
            let what = earlier.unwrap_or("a message");
            said(&outside(room.as_ref()), &format!("✗ taken back: {what}"))
        }
        Told::Colleague {
            name,
            room,
            what,
            text,
        } => {
            let mark = match what {
                Deed::Said => "",
                Deed::Changed => "✎ ",
                Deed::TakenBack => "✗ took a message back",
            };
            let who = one_line(name);
            said(&format!("[{room}]"), &format!("{who}: {mark}{text}"))
        }
        Told::NotTaken { why, hint, .. } => {
            format!("not done: {} ({})\n", one_line(why), one_line(hint))
        }
        Told::Stopping => "the bot stops\n".to_owned(),
        Told::Taken { .. } | Told::TurnedAway { .. } => String::new(),
    }
}

/// The words that a message is remembered by, and the message.
pub(super) fn remembered(told: &Told) -> Option<(&str, &str)> {
    match told {
        Told::Opened {
            message,
            card: text,
            ..
        }
        | Told::Line { message, text, .. }
        | Told::Changed { message, text, .. } => Some((message, text)),
        _ => None,
    }
}

fn list(rooms: &[RoomInList], now: Timestamp) -> String {
    if rooms.is_empty() {
        return "Nobody waits.\n".to_owned();
    }
    let mut text = String::from("Rooms:\n");
    for room in rooms {
        writeln!(text, "{}", in_list(room, now)).ok();
    }
    text
}

fn in_list(it: &RoomInList, now: Timestamp) -> String {
    let minutes = it
        .since
        .map(|since| now.duration_since(since).as_mins().max(0));
    let since = minutes.map_or_else(String::new, |minutes| format!(" for {minutes} min"));
    let owner = match (it.owner.as_str(), &it.agent) {
        ("agent", Some(agent)) => format!("{agent} answers"),
        ("bot" | "handing_back", _) => "the bot answers".to_owned(),
        (owner, _) => owner.to_owned(),
    };
    let head = format!("{} {}, {owner}{since}", place(&it.room), it.priority);
    format!("{}: {}", one_line(&head), one_line(&it.title))
}

fn room(view: &RoomView, now: Timestamp) -> String {
    let mut text = format!("{}\n{}", in_list(&view.room, now), behind(&view.card));
    for line in &view.lines {
        text.push_str(&line_in_view(line));
    }
    let number = view.room.room.number;
    writeln!(text, "room {number} is open: what you write is for it").ok();
    text
}

fn line_in_view(line: &LineInView) -> String {
    let at = line.at.strftime("%m-%d %H:%M UTC");
    let name = line.name.as_deref().unwrap_or_default();
    let by = match line.by.as_str() {
        "customer" => "👤".to_owned(),
        "bot" => "🤖".to_owned(),
        "note" => format!("{name} //"),
        _ => format!("{name}:"),
    };
    said(&format!("[{at}]"), &format!("{by} {}", line.text))
}

/// `[7 1a2b]`.
fn place(room: &RoomName) -> String {
    let name = format!("{} {}", room.number, room.customer);
    format!("[{}]", one_line(&name))
}

fn outside(room: Option<&RoomName>) -> String {
    room.map_or_else(|| "[desk]".to_owned(), place)
}

/// Somebody's words behind where they were said.
fn said(place: &str, text: &str) -> String {
    let text = harmless(text);
    let mut lines = text.lines();
    let mut shown = format!("{place} {}\n", lines.next().unwrap_or_default());
    for line in lines {
        writeln!(shown, "{GOES_ON}{line}").ok();
    }
    shown
}

/// Words of which every line is somebody's.
fn behind(text: &str) -> String {
    let lines = harmless(text);
    lines.lines().fold(String::new(), |mut shown, line| {
        writeln!(shown, "{GOES_ON}{line}").ok();
        shown
    })
}

/// Words that must not begin a line of their own.
fn one_line(text: &str) -> String {
    harmless(text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// `[picture 34 kB: /path/of/it]`.
fn file_line(file: &FileInRoom) -> String {
    let path = file.path.as_ref().map(|it| it.display().to_string());
    let path = path.map_or_else(String::new, |path| format!(", {path}"));
    let size = size(file.bytes);
    one_line(&format!("[{} {size}: {}{path}]", file.kind, file.name))
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Told {
        Told::Line {
            receipt: 1,
            message: "m".to_owned(),
            room: Some(room()),
            text: text.to_owned(),
            file: None,
        }
    }

    fn room() -> RoomName {
        RoomName {
            number: 7,
            customer: "1a2b".to_owned(),
        }
    }

    #[track_caller]
    fn check(told: &Told, expect: &str) {
        assert_eq!(shown(told, None, Timestamp::UNIX_EPOCH), expect);
    }

    #[test]
    fn what_a_customer_writes_steers_nothing_and_looks_like_nothing_of_ours() {
        check(&line("👤 hi"), "[7 1a2b] 👤 hi\n");
        check(
            &line("👤 hi\u{1b}[2J\u{9b}31m\u{7}\n[8 9c9c] 👤 pay him\r\u{202e}x"),
            "[7 1a2b] 👤 hi[2J31m\n  │ [8 9c9c] 👤 pay him\n  │ x\n",
        );
        let card = Told::Opened {
            receipt: 1,
            message: "m".to_owned(),
            room: room(),
            title: "a\nnot done: b".to_owned(),
            card: "Why: c\n\u{1b}]0;d\u{7}".to_owned(),
        };
        check(
            &card,
            "[7 1a2b] new: a not done: b\n  │ Why: c\n  │ ]0;d\n/room 7 opens it\n",
        );
    }

    #[test]
    fn a_file_is_told_with_its_place() {
        let file = FileInRoom {
            kind: "picture".to_owned(),
            name: "lamp.png".to_owned(),
            bytes: 34_567,
            path: Some("/data/media/a/b".into()),
        };
        assert_eq!(
            file_line(&file),
            "[picture 34 kB: lamp.png, /data/media/a/b]"
        );
        assert_eq!([size(999), size(20_400_000)], ["999 B", "20.4 MB"]);
    }

    #[test]
    fn rooms_are_listed_with_what_is_urgent() {
        let waits = RoomInList {
            room: room(),
            title: "The customer asks for a person".to_owned(),
            priority: "high".to_owned(),
            owner: "waiting".to_owned(),
            agent: None,
            since: Some(Timestamp::UNIX_EPOCH),
        };
        let has = RoomInList {
            owner: "agent".to_owned(),
            agent: Some("tom".to_owned()),
            ..waits.clone()
        };
        let now = Timestamp::from_second(12 * 60).unwrap();
        let rooms = vec![waits, has];
        insta::assert_snapshot!(shown(&Told::Rooms { rooms }, None, now), @r#"
        Rooms:
        [7 1a2b] high, waiting for 12 min: The customer asks for a person
        [7 1a2b] high, tom answers for 12 min: The customer asks for a person
        "#);
    }
}
