//! No text makes reading conversations or personas panic, and every problem lies inside its text.
//! What a fuzzer would do with more patience, because this crate takes too long to compile for one.

use proptest::prelude::*;

use super::{case::read_texts, simulate::persona};
use crate::{diagnostics::Diagnostic, starters::shop};

const PIECES: [&str; 18] = [
    "\n",
    "  ",
    "- ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "!t ",
    "'",
    "\"",
    "| ",
    "null",
    "-1e999",
    "台灯🙂",
    "after: 99999999999h",
];

/// A file that is right, with some of it cut out, doubled, or written over.
fn nearly(right: &'static str) -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0..40_usize, 0..=PIECES.len());
    prop::collection::vec(change, 1..6).prop_map(move |changes| {
        let mut text: Vec<char> = right.chars().take(3_000).collect();
        for (place, length, piece) in changes {
            let from = place.index(text.len() + 1);
            let to = (from + length).min(text.len());
            let cut: String = text[from..to].iter().collect();
            let new = PIECES
                .get(piece)
                .map_or(cut.repeat(2), |it| (*it).to_owned());
            text.splice(from..to, new.chars());
        }
        text.into_iter().collect()
    })
}

fn assert_inside(problems: &[Diagnostic], text: &str) {
    assert!(!problems.is_empty());
    for problem in problems {
        assert!(!problem.message.is_empty(), "{problem:?}");
        assert!(!problem.render().is_empty());
        let lines = text.split('\n').count();
        if let Some(line) = problem.line {
            assert!((1..=lines).contains(&line), "{problem:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_reading_conversations_panic(text in prop_oneof![nearly(shop::TESTS), any::<String>()]) {
        if let Err(problems) = read_texts(&[("a.yaml", &text)]) {
            assert_inside(&problems, &text);
        }
    }

    #[test]
    fn no_text_makes_reading_personas_panic(text in prop_oneof![nearly(shop::PERSONAS), any::<String>()]) {
        if let Err(problems) = persona::parse("a.yaml", &text) {
            assert_inside(&problems, &text);
        }
    }
}
