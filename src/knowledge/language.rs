//! Which language a customer writes. A wrong switch is worse than a late one, so a text that is
//! too short to tell keeps the language that the conversation has.

use consultant_core::Language;
use whatlang::Lang;

use crate::text::{self, is_han};

/// Letters below which a statistical guess about a Latin text is not trusted.
const MIN_LETTERS: usize = 24;

/// Words below which it is not trusted either.
const MIN_WORDS: usize = 4;

/// English words that are rare in other languages' texts.
const ENGLISH: [&str; 66] = [
    "the",
    "how",
    "what",
    "when",
    "where",
    "which",
    "who",
    "why",
    "much",
    "many",
    "does",
    "you",
    "your",
    "have",
    "has",
    "with",
    "would",
    "could",
    "should",
    "can",
    "is",
    "are",
    "it",
    "this",
    "that",
    "want",
    "need",
    "please",
    "price",
    "cost",
    "costs",
    "my",
    "and",
    "for",
    "to",
    "of",
    "hello",
    "thanks",
    "thank",
    "i",
    "im",
    "id",
    "like",
    "buy",
    "there",
    "any",
    "do",
    "not",
    "ship",
    "deliver",
    "delivery",
    "tell",
    "about",
    "me",
    "show",
    "whats",
    "dont",
    "looking",
    "order",
    "get",
    "yes",
    "available",
    "stock",
    "discount",
    "return",
    "warranty",
];

/// The language of a text; `tokens` are its words.
pub(crate) fn detect(folded: &str, tokens: &[String], previous: Option<Language>) -> Language {
    let told = told(folded, tokens);
    told.or(previous).unwrap_or(Language::EN)
}

/// The language of a text, where it is long or plain enough to tell.
fn told(folded: &str, tokens: &[String]) -> Option<Language> {
    let (han, kana) = folded.chars().fold((0, 0), |(han, kana), c| {
        let is_kana = matches!(c, '\u{3041}'..='\u{30ff}');
        (han + usize::from(is_han(c)), kana + usize::from(is_kana))
    });
    let words = tokens.iter().filter(|token| is_word(token)).count();
    if kana >= 2 && kana * 4 >= han {
        return code("ja");
    }
    if han > 0 && han >= words {
        return Some(Language::ZH);
    }
    if is_english(tokens, words) {
        return Some(Language::EN);
    }
    statistical(folded, words)
}

/// The language of a text by itself, where it can be told.
pub(crate) fn of(written: &str) -> Option<Language> {
    let folded = text::fold(written);
    told(&folded, &text::tokens(&folded))
}

fn is_word(token: &str) -> bool {
    token.chars().all(|c| c.is_alphabetic() && !is_han(c))
}

fn is_english(tokens: &[String], words: usize) -> bool {
    let known = tokens
        .iter()
        .filter(|token| ENGLISH.contains(&token.as_str()))
        .count();
    // A single word of one's own language is no switch: `ok`, `yes`, `price`.
    known >= 2 && known * 3 >= words
}

/// What the letters say: a script of one language at once, a shared one only in a longer text.
fn statistical(folded: &str, words: usize) -> Option<Language> {
    let letters = folded.chars().filter(|c| c.is_alphabetic()).count();
    let info = whatlang::detect(folded)?;
    let own_script = matches!(
        info.lang(),
        Lang::Kor | Lang::Jpn | Lang::Tha | Lang::Ell | Lang::Heb | Lang::Hin
    );
    let long_enough = letters >= MIN_LETTERS && words >= MIN_WORDS && info.is_reliable();
    let language = if own_script && letters >= 2 || long_enough {
        iso_639_1(info.lang())?
    } else if info.script() == whatlang::Script::Cyrillic && letters >= 4 {
        "ru"
    } else if info.script() == whatlang::Script::Arabic && letters >= 4 {
        "ar"
    } else {
        return None;
    };
    code(language)
}

fn code(text: &str) -> Option<Language> {
    text.parse().ok()
}

fn iso_639_1(lang: Lang) -> Option<&'static str> {
    const CODES: [(Lang, &str); 32] = [
        (Lang::Eng, "en"),
        (Lang::Cmn, "zh"),
        (Lang::Rus, "ru"),
        (Lang::Ukr, "uk"),
        (Lang::Deu, "de"),
        (Lang::Fra, "fr"),
        (Lang::Spa, "es"),
        (Lang::Por, "pt"),
        (Lang::Ita, "it"),
        (Lang::Nld, "nl"),
        (Lang::Pol, "pl"),
        (Lang::Ces, "cs"),
        (Lang::Swe, "sv"),
        (Lang::Dan, "da"),
        (Lang::Nob, "nb"),
        (Lang::Fin, "fi"),
        (Lang::Hun, "hu"),
        (Lang::Ron, "ro"),
        (Lang::Bul, "bg"),
        (Lang::Ell, "el"),
        (Lang::Tur, "tr"),
        (Lang::Ara, "ar"),
        (Lang::Heb, "he"),
        (Lang::Pes, "fa"),
        (Lang::Hin, "hi"),
        (Lang::Tha, "th"),
        (Lang::Vie, "vi"),
        (Lang::Ind, "id"),
        (Lang::Kor, "ko"),
        (Lang::Jpn, "ja"),
        (Lang::Urd, "ur"),
        (Lang::Cat, "ca"),
    ];
    CODES
        .iter()
        .find(|(known, _)| *known == lang)
        .map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, previous: Option<&str>, expect: &str) {
        let previous = previous.map(|code| code.parse().unwrap());
        let found = detect(&text::fold(text), &text::tokens(text), previous);
        assert_eq!(found.code(), expect, "{text}");
    }

    #[test]
    fn a_clear_text_tells_its_language() {
        check("How much is the desk lamp?", None, "en");
        check("How much is the desk lamp?", Some("zh"), "en");
        check("台灯多少钱？", Some("en"), "zh");
        check("desk lamp 多少钱", None, "zh");
        check("I would like to buy the 台灯 please", None, "en");
        check(
            "Guten Tag, ich möchte gerne wissen, was die Lampe kostet",
            None,
            "de",
        );
        check("Здравствуйте, сколько стоит лампа?", None, "ru");
        check("この机はいくらですか", None, "ja");
        check("이 램프 얼마예요?", None, "ko");
        check("مرحبا كم سعر المصباح", None, "ar");
    }

    #[test]
    fn a_text_that_cannot_tell_keeps_the_conversations_language() {
        for text in [
            "ok",
            "hi",
            "Halo",
            "",
            "😀👍",
            "42",
            "\u{200b}\u{0}",
            "?!",
            "desk lamp",
        ] {
            check(text, Some("zh"), "zh");
            check(text, Some("de"), "de");
            check(text, None, "en");
        }
    }
}
