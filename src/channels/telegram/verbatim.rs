//! Somebody else's words, letter by letter, in which nothing rings or can be tapped as if we had
//! meant it: Telegram itself makes mentions, commands and tags of what looks like them, and knows no
//! switch against it.

use super::markup::units;

/// WORD JOINER: takes no room, and is no part of any name.
const JOINER: char = '\u{2060}';

/// What begins an address of the web.
const SCHEMES: [&str; 2] = ["https://", "http://"];

/// The text with a joiner behind each sign that Telegram would make a link of. Where that would
/// make it too long, the last ones are signs that only look alike.
pub(super) fn still(text: &str, limit_units: usize) -> String {
    let mut room = limit_units.saturating_sub(units(text));
    let mut still = String::with_capacity(text.len());
    let mut before: Option<char> = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let begins_word = before.is_none_or(char::is_whitespace);
        if let Some(address) = address(rest).filter(|_| begins_word) {
            still.push_str(address);
            before = address.chars().next_back();
            rest = rest.strip_prefix(address).unwrap_or_default();
            continue;
        }
        rest = rest.strip_prefix(c).unwrap_or_default();
        let next = rest.chars().next();
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

/// The address of the web that the text surely begins with. Telegram links it as a whole and looks
/// for nothing in it, so a name in it (`https://example.org/@ann`) stays a part of it.
fn address(text: &str) -> Option<&str> {
    let behind = SCHEMES
        .into_iter()
        .find_map(|scheme| text.strip_prefix(scheme))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/?#@=&%+".contains(c);
    let rest = behind.split(|c| !plain(c)).next()?;
    let host = rest.split(['/', '?', '#']).next()?;
    let (name, top) = host.rsplit_once('.')?;
    let in_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_host = name
        .split('.')
        .all(|it| !it.is_empty() && it.chars().all(in_name))
        && top.len() > 1
        && top.chars().all(|c| c.is_ascii_alphabetic());
    let length = text.len() - behind.len() + rest.len();
    text.get(..length).filter(|_| is_host)
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
    fn addresses_stay_ones_that_can_be_opened() {
        let whole = "https://example.org/@ann/1?next=/cart#/x";
        check(whole, whole);
        check(
            &format!("see {whole}, @ann"),
            &format!("see {whole}, @·ann"),
        );
        // Not surely an address, or not surely all of it.
        check("https://ann/@bo", "https://ann/@·bo");
        check("https://@ann", "https://@·ann");
        check("x=https://a.bc/@bo", "x=https://a.bc/@·bo");
        check("https://a.bc/(@bo)", "https://a.bc/(@·bo)");
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
