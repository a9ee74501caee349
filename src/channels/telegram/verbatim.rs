//! Somebody else's words, letter by letter, in which nothing rings or can be tapped as if we had
//! meant it: Telegram itself makes mentions, commands and tags of what looks like them, and knows no
//! switch against it.

use super::markup::units;

/// WORD JOINER: takes no room, and is no part of any name.
const JOINER: char = '\u{2060}';

/// The text with a joiner behind each sign that Telegram would make a link of. Where that would
/// make it too long, the last ones are signs that only look alike.
pub(super) fn still(text: &str, limit_units: usize) -> String {
    let mut room = limit_units.saturating_sub(units(text));
    let mut still = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let next = rest.clone().next();
        match alike(c).filter(|_| is_live(before, c, next)) {
            None => still.push(c),
            Some(alike) if room == 0 => still.push(alike),
            Some(_) => {
                room -= 1;
                still.extend([c, JOINER]);
            }
        }
        before = Some(c);
    }
    still
}

/// Whether a link begins here: a sign at the beginning of a word, and a letter or digit behind it.
fn is_live(before: Option<char>, sign: char, next: Option<char>) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    // The second stroke of an address's "//" begins no command.
    let goes_on = |c: char| in_word(c) || (sign == '/' && c == '/');
    let begins = before.is_none_or(|c| !goes_on(c));
    begins && next.is_some_and(in_word)
}

/// A sign of the same look and length that means nothing to Telegram.
const fn alike(sign: char) -> Option<char> {
    match sign {
        '@' => Some('\u{ff20}'),
        '/' => Some('\u{2044}'),
        '#' => Some('\u{266f}'),
        '$' => Some('\u{ff04}'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let still = still(text, 4096).replace(JOINER, "·");
        assert_eq!(still, expect);
    }

    #[test]
    fn nothing_in_it_can_be_tapped() {
        check(
            "@anna and /help, #lamp or $USD",
            "@·anna and /·help, #·lamp or $·USD",
        );
        check("(@anna) 问@anna", "(@·anna) 问@anna");
        check("/help@DemoBot", "/·help@DemoBot");
        check("@ # / 5 $ 1/2 a@b.c", "@ # / 5 $ 1/2 a@b.c");
        check("https://example.org/a/b#c", "https://example.org/a/b#c");
        check("**bold** [a](b)", "**bold** [a](b)");
    }

    #[test]
    fn where_there_is_no_room_for_joiners_signs_only_look_alike() {
        assert_eq!(still("@a @b", 6), "@\u{2060}a ＠b");
        assert_eq!(still("@a /b", 5), "＠a ⁄b");
    }

    proptest! {
        #[test]
        fn it_never_grows_beyond_the_limit(text in "[@/#$a_ 灯😀\n]{0,60}", room in 0_usize..20) {
            let limit = units(&text) + room;
            let still = still(&text, limit);
            prop_assert!(units(&still) <= limit);
            let mut before = None;
            let chars: Vec<char> = still.chars().collect();
            for pair in chars.windows(2) {
                prop_assert!(alike(pair[0]).is_none() || !is_live(before, pair[0], Some(pair[1])));
                before = Some(pair[0]);
            }
        }
    }
}
