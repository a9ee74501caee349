//! How many texts are nearly the same: a suite that says one thing a hundred times measures one.

use std::collections::BTreeSet;

use super::suite::is_chinese;

/// How many of these texts are nearly the same as one before them: of their words (of Chinese, pairs
/// of letters) they share at least eight tenths.
pub fn near_duplicates(texts: &[&str]) -> usize {
    let parts: Vec<BTreeSet<String>> = texts.iter().map(|it| parts(it)).collect();
    let is_near = |(at, own): (usize, &BTreeSet<String>)| {
        let mut before = parts.iter().take(at);
        before.any(|other| are_near(own, other))
    };
    parts.iter().enumerate().filter(|it| is_near(*it)).count()
}

fn are_near(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    let (least, most) = (one.len().min(other.len()), one.len().max(other.len()));
    // Sets of very different sizes cannot share that much.
    if most == 0 || least * 10 < most * 8 {
        return false;
    }
    let shared = one.intersection(other).count();
    shared * 10 >= (one.len() + other.len() - shared) * 8
}

fn parts(text: &str) -> BTreeSet<String> {
    let small = text.to_lowercase();
    if is_chinese(text) {
        let letters: Vec<char> = small.chars().filter(|it| it.is_alphanumeric()).collect();
        return letters
            .windows(2)
            .map(|pair| pair.iter().collect())
            .collect();
    }
    let words = small.split(|it: char| !it.is_alphanumeric());
    words
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_share_most_of_their_words_are_counted_once_each() {
        let english = [
            "the lamp is 29 EUR right",
            "The lamp is 29 EUR, right?!",
            "hello there",
        ];
        assert_eq!(near_duplicates(&english), 1);
        let chinese = ["光环台灯多少钱？", "光环台灯，多少钱", "升降桌多少钱"];
        assert_eq!(near_duplicates(&chinese), 1);
        assert_eq!(near_duplicates(&["", ""]), 0);
    }
}
