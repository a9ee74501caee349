//! What an agent's words in a room mean: words for the customer, a note for colleagues, or a
//! command. Whatever looks like a command or a note and is none is for nobody: a typing mistake must
//! never reach a customer.

use jiff::{Span, SpanRelativeTo};

use crate::Priority;

/// How far ahead something can be put off, in minutes: 30 days.
const MOST_MINUTES: u32 = 30 * 24 * 60;

/// What an agent's words mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// For the customer, as it stands.
    ToCustomer(String),
    /// For colleagues alone.
    Note(String),
    /// Takes the conversation.
    Take,
    /// Gives it back to the bot, with a note for it or without.
    HandBack(Option<String>),
    /// Ends it.
    Close,
    /// How soon somebody is needed.
    Priority(Priority),
    /// Gives it to a team.
    Team(String),
    /// Gives it to a colleague, by the id in the config.
    Agent(String),
    /// Puts it off for so many minutes: the room is reminded then.
    Snooze(u32),
    /// Is away from their desk, for so many minutes or until they say otherwise.
    Away(Option<u32>),
    /// Is at their desk again.
    In,
    /// Proposes the agent's answer for the reviewed ones, with the question in these words or the
    /// customer's.
    Faq(Option<String>),
    /// Has all that is kept of the conversation forgotten; asks first, unless it is said to be sure.
    Erase {
        /// Whether it is.
        is_sure: bool,
    },
    /// Sends the reply that the card suggests.
    SendSuggested,
    /// Asks what the bot did and why.
    Why,
    /// Asks what can be said.
    Help,
}

/// Words that look like a command and are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCommand {
    /// As it was written, without what follows.
    pub word: String,
    /// Why nothing came of it.
    pub why: WhyNot,
}

/// Why a command is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// There is none of this name.
    NoSuchCommand,
    /// It wants something behind it.
    WantsMore,
    /// What stands behind it is not what it takes.
    Odd,
}

/// Reads what an agent wrote. `//` begins a note and `/` a command, also where an input method made
/// full-width signs of them, and after what cannot be seen.
pub fn read(text: &str) -> Result<Said, UnknownCommand> {
    let text = visible(text);
    if let Some(note) = note(text) {
        return Ok(Said::Note(visible(note).to_owned()));
    }
    let Some(rest) = text.strip_prefix(is_slash) else {
        return Ok(Said::ToCustomer(text.to_owned()));
    };
    let (word, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    // `/take@our_bot`, as Telegram's menus write it.
    let name = word.split_once('@').map_or(word, |(name, _)| name);
    let refused = |why| UnknownCommand {
        word: format!("/{name}"),
        why,
    };
    command(&name.to_lowercase(), rest.trim()).map_err(refused)
}

fn command(name: &str, rest: &str) -> Result<Said, WhyNot> {
    let more = || (!rest.is_empty()).then(|| rest.to_owned());
    let wanted = || more().ok_or(WhyNot::WantsMore);
    match name {
        "note" => wanted().map(Said::Note),
        "take" => Ok(Said::Take),
        "back" => Ok(Said::HandBack(more())),
        "close" => Ok(Said::Close),
        "priority" => {
            let wanted = wanted()?.to_lowercase();
            let known = Priority::NAMES.iter().find(|(_, name)| *name == wanted);
            known.map_or(Err(WhyNot::Odd), |(it, _)| Ok(Said::Priority(*it)))
        }
        "team" => wanted().map(Said::Team),
        "to" => wanted().map(|id| Said::Agent(id.trim_start_matches('@').to_owned())),
        "snooze" => minutes(&wanted()?).map(Said::Snooze),
        "away" => more()
            .map(|text| minutes(&text))
            .transpose()
            .map(Said::Away),
        "in" => Ok(Said::In),
        "faq" => Ok(Said::Faq(more())),
        "erase" if rest.is_empty() => Ok(Said::Erase { is_sure: false }),
        "erase" if rest.eq_ignore_ascii_case("yes") => Ok(Said::Erase { is_sure: true }),
        "erase" => Err(WhyNot::Odd),
        "send" => Ok(Said::SendSuggested),
        "why" => Ok(Said::Why),
        "help" | "start" => Ok(Said::Help),
        _ => Err(WhyNot::NoSuchCommand),
    }
}

/// `30m`, `2h`, `1d 4h`; minutes where it is a number alone.
fn minutes(text: &str) -> Result<u32, WhyNot> {
    let minutes = text.parse().ok().or_else(|| {
        let span: Span = text.parse().ok()?;
        let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
        u32::try_from(length.as_mins()).ok()
    });
    let is_some_time = |it: &u32| (1..=MOST_MINUTES).contains(it);
    minutes.filter(is_some_time).ok_or(WhyNot::Odd)
}

/// What stands behind two slashes.
fn note(text: &str) -> Option<&str> {
    text.strip_prefix(is_slash)?.strip_prefix(is_slash)
}

/// A slash, a full-width one, or the marks that look like one.
const fn is_slash(character: char) -> bool {
    matches!(character, '/' | '／' | '⁄' | '∕')
}

/// Without the white space and the invisible signs around it.
fn visible(text: &str) -> &str {
    text.trim_matches(|it: char| it.is_whitespace() || it.is_control() || is_invisible(it))
}

/// Signs that show nothing: joiners, directions, the mark of a byte order, fillers.
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Said) {
        assert_eq!(read(text), Ok(expect), "{text:?}");
    }

    #[track_caller]
    fn check_unknown(text: &str, word: &str, why: WhyNot) {
        let word = word.to_owned();
        assert_eq!(read(text), Err(UnknownCommand { word, why }), "{text:?}");
    }

    #[test]
    fn plain_words_are_for_the_customer() {
        check("Hello!", Said::ToCustomer("Hello!".into()));
        check(" 1/2 price \n", Said::ToCustomer("1/2 price".into()));
        check(
            "see https://x.example/a",
            Said::ToCustomer("see https://x.example/a".into()),
        );
    }

    #[test]
    fn two_slashes_begin_a_note_however_they_were_typed() {
        for text in [
            "//he is angry",
            "// he is angry",
            " //  he is angry ",
            "\u{200b}//he is angry",
            "／／he is angry",
            "/／he is angry",
            "/note he is angry",
            "/NOTE   he is angry",
        ] {
            check(text, Said::Note("he is angry".into()));
        }
    }

    #[test]
    fn commands_are_read_with_what_they_take() {
        check("/take", Said::Take);
        check("/take@shop_bot", Said::Take);
        check("／take", Said::Take);
        check("/back", Said::HandBack(None));
        check(
            "/back knows the price",
            Said::HandBack(Some("knows the price".into())),
        );
        check("/close", Said::Close);
        check("/priority HIGH", Said::Priority(Priority::High));
        check("/team sales", Said::Team("sales".into()));
        check("/to @mia", Said::Agent("mia".into()));
        check("/why", Said::Why);
        check("/snooze 45", Said::Snooze(45));
        check("/snooze 1d 2h", Said::Snooze(26 * 60));
        check("/away", Said::Away(None));
        check("/away 90 minutes", Said::Away(Some(90)));
        check("/in", Said::In);
        check("/send", Said::SendSuggested);
        check("/erase", Said::Erase { is_sure: false });
        check("/erase YES", Said::Erase { is_sure: true });
        check("/faq", Said::Faq(None));
        check("/faq Is it heavy?", Said::Faq(Some("Is it heavy?".into())));
    }

    #[test]
    fn a_mistyped_command_is_for_nobody() {
        check_unknown("/bakc he knows", "/bakc", WhyNot::NoSuchCommand);
        check_unknown("/ take", "/", WhyNot::NoSuchCommand);
        check_unknown("/priority soon", "/priority", WhyNot::Odd);
        check_unknown("/team", "/team", WhyNot::WantsMore);
        check_unknown("/note", "/note", WhyNot::WantsMore);
        check_unknown("/snooze", "/snooze", WhyNot::WantsMore);
        check_unknown("/erase that", "/erase", WhyNot::Odd);
        for text in [
            "/snooze 0",
            "/snooze -2h",
            "/snooze 31d",
            "/snooze soon",
            "/snooze 9s",
        ] {
            check_unknown(text, "/snooze", WhyNot::Odd);
        }
    }

    proptest! {
        #[test]
        fn nothing_that_begins_with_a_slash_is_for_the_customer(
            before in "[ \t\n\u{200b}\u{feff}\u{2060}]{0,4}", slash in "[/／⁄∕]", rest in ".*"
        ) {
            let text = format!("{before}{slash}{rest}");
            prop_assert!(!matches!(read(&text), Ok(Said::ToCustomer(_))));
        }
    }
}
