//! What is said about documents to the people who write them.

use consultant_core::{At, Place};

use super::{
    block::{NotRead, tidy},
    kind::DocumentKind,
    passages::SENTENCE_CHARS,
};
use crate::{problem::Problem, text::is_invisible};

/// A name as it can be shown: what is invisible, or turns the direction of writing, is escaped. File
/// names come from anywhere.
pub fn shown(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_control() || is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}') {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The endings that are read, as a hint.
pub(super) fn endings() -> String {
    let endings = DocumentKind::ENDINGS.iter();
    let endings: Vec<String> = endings.map(|(it, _)| format!(".{it}")).collect();
    format!("those that are read: {}", endings.join(", "))
}

/// What a document is called that calls itself nothing: its file's name in words.
pub(super) fn title_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let words = tidy(&stem.replace(['_', '-'], " "));
    if words.is_empty() { shown(name) } else { words }
}

/// An error of a whole document.
pub(super) fn not_read(file: &str, wrong: NotRead) -> Problem {
    Problem {
        hint: Some(wrong.hint),
        is_warning: false,
        ..warning(file, wrong.line.unwrap_or(1), wrong.message)
    }
}

/// Something that looks wrong, without a hint.
pub(super) fn warning(file: &str, line: usize, message: String) -> Problem {
    Problem {
        file: file.to_owned(),
        line,
        column: 1,
        width: 1,
        key: String::new(),
        message,
        hint: None,
        is_warning: true,
    }
}

/// Something that looks wrong at a place.
pub(super) fn warning_at(file: &str, place: &Place, message: &str, hint: String) -> Problem {
    let (line, at) = match place.at {
        Some(At::Line(line)) => (line, String::new()),
        Some(page @ At::Page(_)) => (1, format!("on {page}, ")),
        None => (1, String::new()),
    };
    Problem {
        hint: Some(hint),
        ..warning(file, line, format!("{at}{message}"))
    }
}

pub(super) fn too_long(file: &str, place: &Place) -> Problem {
    let message = format!(
        "a sentence with more than {SENTENCE_CHARS} characters is left out: nobody reads it in a chat"
    );
    warning_at(file, place, &message, "end it earlier".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_without_tricks() {
        assert_eq!(shown("annex\u{202e}fdp.md"), "annex\\u{202e}fdp.md");
        assert_eq!(shown("a\nb\u{7}.txt"), "a\\u{a}b\\u{7}.txt");
        assert_eq!(shown("退货.md"), "退货.md");
    }

    #[test]
    fn a_title_is_made_of_a_name() {
        assert_eq!(
            title_of("policies/Shipping_and-returns.v2.pdf"),
            "Shipping and returns.v2"
        );
        assert_eq!(title_of("---.md"), "---.md");
    }
}
