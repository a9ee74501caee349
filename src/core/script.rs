//! Which script a text is written in, as far as the guard needs it: a model that answers an
//! English question in Chinese has slipped, however true its words are.

use crate::Language;

/// Whether a text's letters belong to the language's script. Names and model numbers in Latin
/// letters fit every language.
pub fn fits_language(text: &str, language: Language) -> bool {
    text.chars()
        .filter(|letter| letter.is_alphabetic())
        .all(|letter| fits(letter, language))
}

fn fits(letter: char, language: Language) -> bool {
    let latin =
        letter.is_ascii() || matches!(letter, '\u{00c0}'..='\u{024f}' | '\u{1e00}'..='\u{1eff}');
    latin
        || match language.code() {
            "zh" => is_han(letter),
            "ja" => is_han(letter) || matches!(letter, '\u{3040}'..='\u{30ff}'),
            "ko" => matches!(letter, '\u{ac00}'..='\u{d7af}' | '\u{1100}'..='\u{11ff}'),
            "ru" | "uk" | "bg" | "sr" => matches!(letter, '\u{0400}'..='\u{04ff}'),
            "el" => matches!(letter, '\u{0370}'..='\u{03ff}'),
            "ar" | "fa" | "ur" => matches!(letter, '\u{0600}'..='\u{06ff}'),
            "he" => matches!(letter, '\u{0590}'..='\u{05ff}'),
            "th" => matches!(letter, '\u{0e00}'..='\u{0e7f}'),
            "hi" | "mr" | "ne" => matches!(letter, '\u{0900}'..='\u{097f}'),
            _ => false,
        }
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, language: Language, expect: bool) {
        assert_eq!(fits_language(text, language), expect, "{text}");
    }

    #[test]
    fn each_language_has_its_script_and_latin_names() {
        check("It is dimmable. 9 W, café!", Language::EN, true);
        check("如果你在工作中", Language::EN, false);
        check("It is 灯", Language::EN, false);
        check("Lumen & Loft 的灯", Language::ZH, true);
        check("лампа", Language::ZH, false);
        check("лампа", "ru".parse().unwrap(), true);
        check("😊 …", Language::EN, true);
    }
}
