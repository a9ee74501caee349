//! Parts are whole, bounded and stable, for any text.

use proptest::prelude::*;

use super::*;

/// `|` marks where the text is expected to be split.
#[track_caller]
fn check(marked: &str, limit: usize) {
    let expect: Vec<&str> = marked.split('|').collect();
    assert_eq!(split_text(&marked.replace('|', ""), limit), expect);
}

#[track_caller]
fn check_parts(text: &str, limit: usize, expect: &[&str]) {
    assert_eq!(split_text(text, limit), expect);
}

#[test]
fn a_short_text_is_one_part_and_a_blank_one_is_none() {
    check("Hello there.", 16);
    check_parts(" \n\t ", 16, &[]);
    check_parts("", 16, &[]);
    check_parts("\n a \n", 16, &["a"]);
}

#[test]
fn the_best_boundary_in_the_second_half_wins() {
    check_parts(
        "one two three.\n\nfour five. six seven",
        20,
        &["one two three.", "four five. six seven"],
    );
    check_parts(
        "one two 3\nthree. four five six",
        16,
        &["one two 3", "three. four five", "six"],
    );
    check_parts(
        "Hi all. We are here now.",
        20,
        &["Hi all. We are here", "now."],
    );
    check_parts(
        "We are here. So are you now",
        20,
        &["We are here.", "So are you now"],
    );
}

#[test]
fn chinese_is_split_between_sentences_and_never_before_punctuation() {
    check("您好，欢迎光临我们的店。|这款台灯售价二十九欧元。", 16);
    check("这款台灯的灯光非常柔和明亮温暖舒|适，很好", 16);
    check_parts(
        "一二三四五六七八九十一二三四五六，好",
        16,
        &["一二三四五六七八九十一二三四五", "六，好"],
    );
}

#[test]
fn graphemes_stay_whole_and_count_in_utf_16_units() {
    let parts = split_text(&"👩🏽‍🚀".repeat(5), 16);
    assert_eq!(parts, ["👩🏽‍🚀👩🏽‍🚀", "👩🏽‍🚀👩🏽‍🚀", "👩🏽‍🚀"]);
    let zalgo = format!("a{}", "\u{301}".repeat(40));
    assert!(split_text(&zalgo, 16).iter().all(|part| units(part) <= 16));
}

#[test]
fn a_fence_that_is_cut_is_closed_and_opened_again() {
    check_parts(
        "```rust\nlet a = 1;\nlet b = 2;\nlet c = 3;\n```\nDone.",
        36,
        &[
            "```rust\nlet a = 1;\nlet b = 2;\n```",
            "```rust\nlet c = 3;\n```\nDone.",
        ],
    );
    check_parts(
        "~~~\naaaaaaaa\nbbbbbbbb\n~~~\nafterwards",
        16,
        &["~~~\naaaaaaaa\n~~~", "~~~\nbbbbbbbb\n~~~", "afterwards"],
    );
}

#[test]
fn indentation_in_code_is_kept() {
    check_parts(
        "```\nfn main() {\n    work();\n    rest();\n}\n```",
        32,
        &[
            "```\nfn main() {\n    work();\n```",
            "```\n    rest();\n}\n```",
        ],
    );
}

#[test]
fn text_before_a_fence_is_split_before_it() {
    check_parts(
        "Some words first:\n```\ncode code code\n```",
        32,
        &["Some words first:", "```\ncode code code\n```"],
    );
}

#[test]
fn links_and_inline_code_stay_whole_where_they_fit() {
    check_parts(
        "See the page [our own lamps](http://a.b) now",
        34,
        &["See the page", "[our own lamps](http://a.b) now"],
    );
    check_parts(
        "Run this: `cargo run now` ok",
        22,
        &["Run this:", "`cargo run now` ok"],
    );
}

#[test]
fn emphasis_is_cut_before_and_not_inside() {
    check_parts(
        "See the page **our own lamps** now",
        24,
        &["See the page", "**our own lamps** now"],
    );
    check_parts(
        "We always sell *good old* ones",
        22,
        &["We always sell", "*good old* ones"],
    );
    check_parts(
        "We are here now **So are you. And he** ok",
        30,
        &["We are here now", "**So are you. And he** ok"],
    );
    check_parts(
        "Please look at **our *own* lamps** now",
        28,
        &["Please look at", "**our *own* lamps** now"],
    );
    check_parts(
        "It costs so **very much** less now",
        30,
        &["It costs so **very much** less", "now"],
    );
}

#[test]
fn chinese_emphasis_stays_whole_without_white_space() {
    check("我们的新款台灯非常好看|**这款台灯**很亮", 16);
    check("这款**新台灯**真的很亮很亮很|亮", 16);
    check("我们的新款台灯好看。|**这款台灯**很亮的", 16);
}

#[test]
fn stars_that_emphasize_nothing_change_nothing() {
    check_parts(
        "* one two three four five",
        16,
        &["* one two three", "four five"],
    );
    check_parts(
        "so 5 * 3 is 15 and so on",
        16,
        &["so 5 * 3 is 15", "and so on"],
    );
    check_parts(
        "a `**` b two three four",
        18,
        &["a `**` b two three", "four"],
    );
}

#[test]
fn emphasis_that_takes_most_of_a_part_is_cut_between_words() {
    check_parts(
        "**one two three four five six**",
        16,
        &["**one two three", "four five six**"],
    );
    check_parts(
        "so **one two three four five",
        16,
        &["so **one two", "three four five"],
    );
}

#[test]
fn a_limit_below_the_least_counts_as_the_least() {
    assert_eq!(
        split_text("one two three four", 0),
        split_text("one two three four", 16)
    );
}

#[test]
fn a_very_long_text_is_split_in_time() {
    let text = "word ".repeat(40_000) + &"x".repeat(100_000) + &" ".repeat(100_000) + "y";
    let parts = split_text(&text, 2_000);
    assert!(parts.len() < 200);
}

fn prose() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-d .!?\n，。好👨\u{200d}\u{301}`~*\\[\\]()]{0,120}",
        "((```rust\n|```\n|~~~\n|    indented\n|word |`a b` |\\*\\*a b\\*\\* |\\*|\\[a b\\]\\(c d\\)|。|好|\n\n|x){0,40})",
    ]
}

/// The text without what a split may drop or add.
fn essence(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '`' | '~'))
        .collect()
}

proptest! {
    #![proptest_config(crate::proptests::config())]

    #[test]
    fn every_part_is_bounded_and_not_blank(text in prose(), limit in 16_usize..60) {
        for part in split_text(&text, limit) {
            prop_assert!(part.encode_utf16().count() <= limit, "{part:?}");
            prop_assert!(!part.trim().is_empty());
        }
    }

    #[test]
    fn nothing_but_white_space_is_lost(text in prose(), limit in 16_usize..60) {
        let bodies: String = pieces(&text, limit).iter().map(|piece| piece.body).collect();
        prop_assert_eq!(essence(&bodies), essence(&text));
    }

    #[test]
    fn without_fences_even_marks_are_kept(text in "[a-d .\n好。👨`]{0,120}", limit in 16_usize..40) {
        let text = text.replace("``", "` `");
        let squeeze = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(squeeze(&split_text(&text, limit).concat()), squeeze(&text));
    }

    #[test]
    fn a_growing_text_changes_only_its_last_part(
        text in prose(), cut in 0.0_f64..1.0, limit in 16_usize..60,
    ) {
        let parts = split_text(&text, limit);
        let chars: Vec<char> = text.chars().collect();
        #[expect(
            clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss,
            reason = "a share of a short length"
        )]
        let length = (chars.len() as f64 * cut) as usize;
        let begun: String = chars.iter().take(length).collect();
        let mut early = split_text(&begun, limit);
        early.pop();
        prop_assert!(parts.starts_with(&early), "{early:?} {parts:?}");
    }

    #[test]
    fn short_emphasis_is_never_cut(
        text in "(([a-c]{1,5}|\\*\\*[a-c]{1,3} [a-c]{1,3}\\*\\*) ){0,40}", limit in 40_usize..60,
    ) {
        for part in split_text(&text, limit) {
            prop_assert_eq!(part.matches("**").count() % 2, 0, "{:?}", part);
        }
    }

    #[test]
    fn a_part_before_the_last_leaves_no_fence_open(
        text in "((```rust\n[a-c ]{0,20}\n[a-c ]{1,20}\n```\n)|[a-c. ]{1,20}\n){0,8}",
        limit in 24_usize..60,
    ) {
        let parts = split_text(&text, limit);
        for part in parts.iter().take(parts.len().saturating_sub(1)) {
            let open = part.lines().fold(None, |open, line| Fence::after(Option::as_ref(&open), line));
            prop_assert!(open.is_none(), "{part:?}");
        }
    }

    #[test]
    fn graphemes_that_fit_are_never_cut(
        text in "(👩🏽\u{200d}🚀|e\u{301}|🇩🇪|a|好){0,60}", limit in 16_usize..40,
    ) {
        let inside: usize = split_text(&text, limit).iter().map(|p| p.graphemes(true).count()).sum();
        prop_assert!(inside >= text.graphemes(true).count());
        for part in split_text(&text, limit) {
            let torn = part.starts_with(['\u{301}', '\u{200d}', '🏽']);
            prop_assert!(!torn);
        }
    }
}

#[test]
fn what_somebody_wrote_is_cut_where_a_word_ends_and_stays_as_it_is() {
    let text = format!("```rust **{}** end\nnext line", "x".repeat(60));
    let word = format!("**{}** end", "x".repeat(60));
    assert_eq!(split_verbatim(&text, 70), ["```rust", &word, "next line"]);
    assert_eq!(split_verbatim("  \n ", 70), [""; 0]);
}

proptest! {
    #![proptest_config(crate::proptests::config())]

    #[test]
    fn parts_of_what_somebody_wrote_fit_and_lose_nothing_but_space(text: String, limit in 64..200_usize) {
        let parts = split_verbatim(&text, limit);
        let solid = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(solid(&parts.concat()), solid(&text));
        for part in &parts {
            prop_assert!(units(part) <= limit && !part.trim().is_empty());
        }
    }
}
