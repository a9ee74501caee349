//! What a line means that somebody types at the desk: a command of the terminal's own, or something
//! that is for the open room.

use std::path::PathBuf;

/// What a typed line means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// Nothing.
    Nothing,
    /// What can be written.
    Help,
    /// Which rooms there are: all, or those that people are concerned with.
    Rooms {
        /// Also those that nobody is concerned with.
        all: bool,
    },
    /// Opens a room.
    Room(u64),
    /// Sends a file.
    Send(PathBuf),
    /// Changes the newest message of one's own.
    Edit(String),
    /// Takes it back.
    Undo,
    /// Ends.
    Quit,
    /// For the open room: words for the customer, a note, or a command of the desk.
    Say(String),
    /// A command that wants something else behind it.
    Odd(&'static str),
}

/// Reads a line. What is no command of the terminal's own is for the room, where what looks like a
/// command and is none is for nobody.
pub(super) fn read(line: &str) -> Typed {
    let text = line.trim();
    if text.is_empty() {
        return Typed::Nothing;
    }
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    match word.replacen('／', "/", 1).to_lowercase().as_str() {
        "/help" => Typed::Help,
        "/rooms" if rest.is_empty() => Typed::Rooms { all: false },
        "/rooms" if rest == "all" => Typed::Rooms { all: true },
        "/rooms" => Typed::Odd("/rooms names who waits, and `/rooms all` every room"),
        "/room" => room(rest),
        "/send" if rest.is_empty() => Typed::Odd("/send wants the path of a file behind it"),
        "/send" => Typed::Send(PathBuf::from(rest)),
        "/edit" if rest.is_empty() => Typed::Odd("/edit wants the new words behind it"),
        "/edit" => Typed::Edit(rest.to_owned()),
        "/undo" if rest.is_empty() => Typed::Undo,
        "/undo" => Typed::Odd("/undo takes your newest message back, and wants nothing behind it"),
        "/quit" if rest.is_empty() => Typed::Quit,
        _ => Typed::Say(text.to_owned()),
    }
}

fn room(rest: &str) -> Typed {
    let number = rest.trim_start_matches('#').parse();
    number.map_or(
        Typed::Odd("/room wants the number of a room behind it; /rooms names them"),
        Typed::Room,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expect: &Typed) {
        assert_eq!(&read(line), expect, "{line:?}");
    }

    #[test]
    fn the_terminals_own_commands_are_known() {
        check(" \t", &Typed::Nothing);
        check("/rooms", &Typed::Rooms { all: false });
        check("/ROOMS all", &Typed::Rooms { all: true });
        check("／room #7", &Typed::Room(7));
        check("/send my lamp.png ", &Typed::Send("my lamp.png".into()));
        check("/edit  2.1 kg", &Typed::Edit("2.1 kg".into()));
        check("/undo", &Typed::Undo);
        for odd in ["/room", "/room x", "/send", "/edit", "/undo it", "/rooms x"] {
            assert!(matches!(read(odd), Typed::Odd(_)), "{odd}");
        }
    }

    #[test]
    fn everything_else_is_for_the_room() {
        for text in [
            "Hello",
            "// a note",
            "/take",
            "/back knows it",
            "/bakc",
            "/roomy 7",
        ] {
            check(text, &Typed::Say(text.to_owned()));
        }
    }
}
