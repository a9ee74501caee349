//! Names that people or their files bring, made fit to be shown on any platform.

use unicode_segmentation::UnicodeSegmentation;

/// The longest name of a file: people still read it, and every file system takes it.
const FILE_NAME_GRAPHEMES: usize = 100;
const FILE_NAME_BYTES: usize = 240;

/// The longest ending of a name that is kept when the name is cut.
const ENDING_BYTES: usize = 12;

/// What a file without a usable name is called.
const NAMELESS_FILE: &str = "file";

/// What a room without a usable title is called.
const NAMELESS_ROOM: &str = "…";

/// The type of bytes that nobody knows more about.
const ANY_BYTES: &str = "application/octet-stream";

/// Characters that some file system or shell reads as more than a letter.
const SPECIAL: [char; 8] = ['"', '<', '>', '|', ':', '*', '?', '`'];

/// A file's name without anything that is more than a name: folders, control characters, signs
/// that turn the direction of reading (`invoice<U+202E>fdp.exe` reads as a PDF).
pub(crate) fn file(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .filter(|c| !is_unseen(*c))
        .map(|c| if SPECIAL.contains(&c) { '_' } else { c })
        .collect();
    let plain = plain.trim_matches(|c: char| c.is_whitespace() || c == '.');
    if plain.is_empty() {
        return NAMELESS_FILE.to_owned();
    }
    let (stem, ending) = plain
        .rsplit_once('.')
        .filter(|(stem, ending)| !stem.is_empty() && ending.len() < ENDING_BYTES)
        .unwrap_or((plain, ""));
    let dot = if ending.is_empty() { "" } else { "." };
    let room = FILE_NAME_BYTES - ending.len() - dot.len();
    let most = FILE_NAME_GRAPHEMES - ending.graphemes(true).count() - dot.len();
    let stem = beginning(stem, most, char::len_utf8, room);
    if stem.is_empty() {
        return NAMELESS_FILE.to_owned();
    }
    format!("{stem}{dot}{ending}")
}

/// A media type that can stand in a header.
pub(crate) fn media_type(claimed: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-+._".contains(c);
    let is_one = claimed.split('/').filter(|part| !part.is_empty()).count() == 2
        && claimed.matches('/').count() == 1
        && claimed.chars().all(plain);
    if is_one { claimed } else { ANY_BYTES }
}

/// A room's title: one line, at most so many UTF-16 units, cut between graphemes.
pub(crate) fn title(text: &str, most_units: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words = words.map(|word| word.replace(is_unseen, ""));
    let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    let fits = line.chars().map(char::len_utf16).sum::<usize>() <= most_units;
    let line = if fits {
        line
    } else {
        let cut = beginning(&line, usize::MAX, char::len_utf16, most_units - 1);
        format!("{}…", cut.trim_end())
    };
    if line.is_empty() {
        return NAMELESS_ROOM.to_owned();
    }
    line
}

/// As many graphemes from the beginning as fit.
fn beginning(text: &str, most: usize, length: impl Fn(char) -> usize, room: usize) -> String {
    let mut used = 0;
    let graphemes = text.graphemes(true).take(most);
    graphemes
        .take_while(|grapheme| {
            used += grapheme.chars().map(&length).sum::<usize>();
            used <= room
        })
        .collect()
}

/// Characters that are not seen: controls, and those that turn the direction of reading.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_files_name_is_only_a_name() {
        for (name, expect) in [
            ("order.pdf", "order.pdf"),
            ("订单 №7.pdf", "订单 №7.pdf"),
            ("../../etc/passwd", "passwd"),
            (r"C:\Users\ann\lamp.png", "lamp.png"),
            ("C:lamp.png", "C_lamp.png"),
            ("a\r\nb\0.txt", "ab.txt"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("a\"b.txt", "a_b.txt"),
            (".bashrc", "bashrc"),
            ("..", "file"),
            ("", "file"),
            ("photos/", "file"),
            (" \n ", "file"),
        ] {
            assert_eq!(file(name), expect, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let long = format!("{}.pdf", "a".repeat(300));
        assert_eq!(file(&long), format!("{}.pdf", "a".repeat(96)));
        let family = "👨‍👩‍👧‍👦";
        let many = file(&format!("{}.pdf", family.repeat(300)));
        assert!(many.ends_with(&format!("{family}.pdf")), "{many}");
    }

    #[test]
    fn a_title_is_one_line_and_cut_between_graphemes() {
        assert_eq!(title("Ann\n asks\tfor  lamps ", 128), "Ann asks for lamps");
        assert_eq!(title(" \n", 128), "…");
        assert_eq!(title("lamps", 5), "lamps");
        assert_eq!(title("lamps!", 5), "lamp…");
        assert_eq!(title("a👨‍👩‍👧‍👦b", 5), "a…");
    }

    #[test]
    fn a_media_type_is_one_or_nothing_is_claimed() {
        assert_eq!(media_type("image/svg+xml"), "image/svg+xml");
        for odd in [
            "",
            "image",
            "image/",
            "a/b/c",
            "a/b\r\nx: y",
            "image/png; q=1",
        ] {
            assert_eq!(media_type(odd), ANY_BYTES, "{odd:?}");
        }
    }

    proptest! {
        #[test]
        fn no_name_is_more_than_a_name(name in any::<String>()) {
            let file = file(&name);
            prop_assert!(!file.is_empty() && !file.contains(['/', '\\']));
            prop_assert!(file.len() <= FILE_NAME_BYTES);
            prop_assert!(file.graphemes(true).count() <= FILE_NAME_GRAPHEMES);
            prop_assert!(!file.chars().any(is_unseen));
        }

        #[test]
        fn no_title_is_too_long(text in any::<String>(), most in 2_usize..130) {
            let title = title(&text, most);
            prop_assert!(!title.is_empty());
            prop_assert!(title.encode_utf16().count() <= most);
        }
    }
}
