//! No text and no variable makes loading panic, whatever it holds.

use proptest::prelude::*;

use super::*;

/// Text that is nearly a configuration: the words of one, in any order.
fn nearly_yaml() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "model:",
        "store:",
        "url",
        "token",
        ":",
        ": ",
        "\n",
        "\n  ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "&a",
        "*a",
        "!t",
        "'",
        "\"",
        "|",
        ">",
        "#",
        "<<",
        "?",
        "%",
        "\t",
        "redis://",
        "1e999",
        "~",
        "é中🙂",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_text_makes_loading_panic(text in prop_oneof![nearly_yaml(), any::<String>()]) {
        let world = World::new().config(&text);
        if let Err(problems) = world.load() {
            prop_assert!(!problems.is_empty());
            prop_assert!(render(&problems).chars().all(|c| c == '\n' || !c.is_control()));
        }
    }

    #[test]
    fn no_value_of_a_variable_makes_loading_panic(text in "\\PC{0,60}", which in 0..30_usize) {
        let keys: Vec<String> = sections::SECTIONS
            .iter()
            .flat_map(|section| section.keys.iter().map(|key| section.path_of(key.name)))
            .collect();
        let variable = layers::variable_of(&keys[which % keys.len()]);
        if let Err(problems) = World::new().variable(&variable, &text).load() {
            prop_assert!(!problems.is_empty());
        }
    }
}
