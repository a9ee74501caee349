//! Numbers, and numbers of something.

use rust_decimal::Decimal;

use super::{Found, phrase::Phrase, pieces::with_numbers};
use crate::extract::{self, Kind, Token, chinese_digit, currency_at};

/// A number in tokens.
#[derive(Clone, Debug)]
pub(super) struct Count {
    /// Its value.
    pub(super) value: Decimal,
    /// The first token.
    pub(super) from: usize,
    /// The token after the last.
    pub(super) to: usize,
}

/// Every number in a text: in digits, in English words, in Chinese characters, by the dozen.
///
/// Numbers within codes (`A4`, `v2`), ordinals and words that only look like numbers ("the other
/// one", 一起) are left out, and so are guesses such as 两三个 and 十几个, which are no number.
pub fn numbers(text: &str) -> Vec<Found<Decimal>> {
    let tokens = with_numbers(text);
    let counts = counts(&tokens);
    let meant = counts.iter().filter(|count| is_meant(&tokens, count));
    meant
        .filter_map(|count| {
            let minus = minus(&tokens, count);
            let value = if minus { -count.value } else { count.value };
            let words = tokens.get(count.from - usize::from(minus)..count.to)?;
            Found::of(text, words, value)
        })
        .collect()
}

/// The numbers that stand beside one of these words: `25 seats`, `seats: 25`, `25个席位`.
///
/// A singular finds its plural too. One word may stand between (`25 new seats`), and what joins a
/// name to its number behind it (`seats are 25`, `席位要25个`). A price is not a number of
/// something: `seats: 25 EUR`. Of `20 to 25 seats` the upper one is found. The range holds the
/// number alone.
pub fn counted(text: &str, words: &[&str]) -> Vec<Found<Decimal>> {
    let tokens = with_numbers(text);
    let phrases: Vec<Phrase> = words.iter().filter_map(|word| Phrase::new(word)).collect();
    let counts = counts(&tokens);
    let found = counts.iter().enumerate().filter(|(index, count)| {
        is_whole(&tokens, count)
            && (counts_ahead(&tokens, count, &phrases)
                || named_before(&tokens, &counts, *index, &phrases))
    });
    found
        .filter_map(|(_, count)| Found::of(text, tokens.get(count.from..count.to)?, count.value))
        .collect()
}

/// Every number that can be read and is no guess, from left to right.
pub(super) fn counts(tokens: &[Token]) -> Vec<Count> {
    let mut counts: Vec<Count> = extract::numbers(tokens)
        .into_iter()
        .filter(|number| !is_guess(tokens, number.from, number.to))
        .filter_map(|number| {
            let dozens = is_word(tokens, number.to, &["dozen"]);
            let times = Decimal::from(if dozens { 12 } else { 1 });
            let to = number.to + usize::from(dozens);
            let value = number.value?.checked_mul(times)?.normalize();
            Some(Count {
                value,
                from: number.from,
                to,
            })
        })
        .collect();
    counts.extend((0..tokens.len()).filter_map(|at| dozen(tokens, at)));
    counts.sort_by_key(|count| count.from);
    counts
}

/// `a dozen`, `half a dozen`.
fn dozen(tokens: &[Token], at: usize) -> Option<Count> {
    if !is_word(tokens, at, &["a"]) || !is_word(tokens, at + 1, &["dozen"]) {
        return None;
    }
    let half = at > 0 && is_word(tokens, at - 1, &["half"]);
    let value = Decimal::from(if half { 6 } else { 12 });
    Some(Count {
        value,
        from: at - usize::from(half),
        to: at + 2,
    })
}

fn is_word(tokens: &[Token], at: usize, words: &[&str]) -> bool {
    let word = tokens.get(at).and_then(Token::word);
    word.is_some_and(|word| words.contains(&word))
}

fn han(tokens: &[Token], at: usize) -> Option<char> {
    match tokens.get(at)?.kind {
        Kind::Han(c) => Some(c),
        _ => None,
    }
}

/// 两三, 二三十, 三五千, 十几, 几十: more or less. A row of three digits is read out, 二九九.
pub(super) fn is_guess(tokens: &[Token], from: usize, to: usize) -> bool {
    let digit = |at: usize| {
        han(tokens, at)
            .and_then(chinese_digit)
            .filter(|digit| *digit > 0)
    };
    let unit = |at: usize| han(tokens, at).is_some_and(|c| "十百千万亿".contains(c));
    let pair = |at: usize| {
        let digits = digit(at).zip(digit(at + 1));
        digits.filter(|(a, b)| a + 1 == *b || unit(at + 2))
    };
    let row = |at: usize| {
        let before = at.saturating_sub(2).max(from)..at;
        let behind = at + 2..to.min(at + 3);
        before.chain(behind).any(|beside| digit(beside).is_some())
    };
    let near = (from..to.saturating_sub(1)).any(|at| pair(at).is_some() && !row(at));
    let several = from.checked_sub(1).is_some_and(|at| match han(tokens, at) {
        Some('几') => true,
        // 数百 is several hundred, and 人数30 a number of people.
        Some('数') => unit(from),
        _ => false,
    });
    near || several || han(tokens, to) == Some('几')
}

/// Whether a number is no part of a code or an ordinal: `A4`, `2nd`, 第三.
fn is_whole(tokens: &[Token], count: &Count) -> bool {
    let tight = |at: usize| tokens.get(at).is_some_and(|token| !token.spaced);
    let digits = matches!(tokens[count.from].kind, Kind::Number(_));
    let before = count
        .from
        .checked_sub(1)
        .filter(|_| digits && tight(count.from));
    let code = before.is_some_and(|at| match &tokens[at].kind {
        Kind::Word(word) => word != "x",
        Kind::Mark(c) => *c == '#',
        _ => false,
    });
    let ordinal = tight(count.to) && is_word(tokens, count.to, &["st", "nd", "rd", "th"]);
    let chinese = count.from > 0 && han(tokens, count.from - 1) == Some('第');
    !code && !ordinal && !chinese
}

/// Whether a number is meant as one.
fn is_meant(tokens: &[Token], count: &Count) -> bool {
    is_whole(tokens, count) && !is_pronoun(tokens, count) && !is_part_of_a_word(tokens, count)
}

/// "The other one", "no one", "one of them".
fn is_pronoun(tokens: &[Token], count: &Count) -> bool {
    const BEFORE: [&str; 15] = [
        "the", "this", "that", "which", "another", "other", "any", "every", "each", "no", "some",
        "good", "new", "first", "last",
    ];
    let one = count.to == count.from + 1 && is_word(tokens, count.from, &["one"]);
    one && count.from > 0 && is_word(tokens, count.from - 1, &BEFORE)
}

/// A single Han numeral counts only where something is counted or nothing else stands: 三个, 三;
/// not 一起, 周三. Nor does 千万别.
fn is_part_of_a_word(tokens: &[Token], count: &Count) -> bool {
    const MEASURES: &str = "个位人名台件张套份天周月年只条把盏块元条家间组次支双箱包瓶席用员点成倍";
    const LEADS: &str = "周期拜统唯万之同专单逐进";
    let Some(first) = han(tokens, count.from) else {
        return false;
    };
    let next = han(tokens, count.to);
    let counts = next.is_none_or(|next| MEASURES.contains(next));
    let led = count.from > 0 && han(tokens, count.from - 1).is_some_and(|c| LEADS.contains(c));
    let single = count.to == count.from + 1;
    let hardly = first == '千' && !counts;
    single && (led || !counts) || hardly
}

/// `-5`, `minus five`, but not `20-5`.
fn minus(tokens: &[Token], count: &Count) -> bool {
    let Some(at) = count.from.checked_sub(1) else {
        return false;
    };
    let digits = matches!(tokens[count.from].kind, Kind::Number(_)) && !tokens[count.from].spaced;
    let free =
        at == 0 || tokens[at].spaced || tokens[at - 1].is_mark('(') || tokens[at - 1].is_mark(':');
    digits && free && tokens[at].is_mark('-') || is_word(tokens, at, &["minus"])
}

/// `25 seats`, `25 new seats`, `25个席位`, `25 of us`.
fn counts_ahead(tokens: &[Token], count: &Count, phrases: &[Phrase]) -> bool {
    let named = |at: usize| {
        phrases
            .iter()
            .any(|phrase| phrase.counted_at(tokens, at).is_some())
    };
    let hyphen = tokens
        .get(count.to)
        .is_some_and(|token| token.is_mark('-') || token.is_mark('+'));
    let at = count.to + usize::from(hyphen);
    if named(at) {
        return true;
    }
    currency_at(tokens, at).is_none() && is_between(tokens, at) && named(at + 1)
}

/// Whether what stands here may stand between a number and what it counts: an adjective, "of", a
/// measure word.
fn is_between(tokens: &[Token], at: usize) -> bool {
    const NOT: [&str; 14] = [
        "per", "a", "an", "each", "or", "and", "for", "to", "in", "from", "with", "every", "by",
        "percent",
    ];
    match tokens.get(at).map(|token| &token.kind) {
        Some(Kind::Word(word)) => {
            !NOT.contains(&word.as_str()) && extract::number_at(tokens, at).is_none()
        }
        Some(Kind::Han(c)) => "个位名套张台人家份把件只条盏组间的多".contains(*c),
        _ => false,
    }
}

/// `seats: 25`, `seats are 25`, `席位要25个`; `seats 25` only where the clause ends behind it.
fn named_before(tokens: &[Token], counts: &[Count], index: usize, phrases: &[Phrase]) -> bool {
    let Some(count) = counts.get(index) else {
        return false;
    };
    if currency_at(tokens, count.to).is_some() || is_price_mark(tokens, count) {
        return false;
    }
    let joint = joint_start(tokens, count.from);
    let name_ends = |at: usize| {
        let names = |from: usize| {
            let mut ends = phrases
                .iter()
                .filter_map(|phrase| phrase.counted_at(tokens, from));
            ends.any(|end| end == at).then_some(from)
        };
        (at.saturating_sub(6)..at).find_map(names)
    };
    let Some((name, to)) = (joint..=count.from).find_map(|at| Some((name_ends(at)?, at))) else {
        return false;
    };
    let taken = counts[..index].last().is_some_and(|before| {
        let between = name.saturating_sub(before.to);
        before.to == name || between == 1 && is_between(tokens, before.to)
    });
    let joined = to < count.from || matches!(tokens[count.from - 1].kind, Kind::Han(_));
    let ends = tokens.get(count.to).is_none_or(Token::ends_clause);
    !taken && (joined || ends)
}

/// The token behind the range that a number opens: `10` in `between 10 and 20 people` counts them
/// too.
pub(super) fn range_end(tokens: &[Token], to: usize) -> usize {
    let joint = tokens.get(to).is_some_and(|token| match &token.kind {
        Kind::Word(word) => matches!(word.as_str(), "and" | "to" | "or"),
        Kind::Mark(c) => matches!(c, '-' | '~'),
        Kind::Han(c) => matches!(c, '到' | '至'),
        _ => false,
    });
    let high = extract::number_at(tokens, to + 1).filter(|_| joint);
    high.map_or(to, |number| number.to)
}

fn is_price_mark(tokens: &[Token], count: &Count) -> bool {
    let before = count.from.checked_sub(1);
    before.is_some_and(|at| currency_at(tokens, at).is_some_and(|(_, length)| length == 1))
}

/// Where the words begin that may join a name to the number behind it.
fn joint_start(tokens: &[Token], number: usize) -> usize {
    const REACH: usize = 4;
    let joins = |at: usize| match &tokens[at].kind {
        Kind::Mark(c) => ":=-~(".contains(*c),
        Kind::Word(word) => [
            "is", "are", "of", "would", "be", "about", "around", "s", "maybe",
        ]
        .contains(&word.as_str()),
        Kind::Han(c) => "数量是为要需有大概约共个".contains(*c),
        _ => false,
    };
    let start = (0..number)
        .rev()
        .take(REACH)
        .take_while(|at| joins(*at))
        .last();
    start.unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(show(&numbers(text)), expect, "{text}");
    }

    #[track_caller]
    fn check_seats(text: &str, expect: &str) {
        let words = [
            "seat",
            "user",
            "team member",
            "us",
            "席位",
            "人",
            "用户",
            "人数",
        ];
        assert_eq!(show(&counted(text, &words)), expect, "{text}");
    }

    fn show(found: &[Found<Decimal>]) -> String {
        let values: Vec<String> = found.iter().map(|found| found.value.to_string()).collect();
        values.join(" ")
    }

    #[test]
    fn numbers_are_found_in_digits_and_words() {
        for (text, expect) in [
            ("25", "25"),
            ("about 1,200.50", "1200.5"),
            ("2k", "2000"),
            ("twenty-five", "25"),
            ("a hundred and five", "105"),
            ("a dozen", "12"),
            ("half a dozen", "6"),
            ("two dozen", "24"),
            ("one", "1"),
            ("-5 degrees", "-5"),
            ("minus five", "-5"),
            ("20-30", "20 30"),
            ("2x", "2"),
            ("x2", "2"),
            ("二十五", "25"),
            ("三个", "3"),
            ("三", "3"),
            ("3万", "30000"),
            ("二九九", "299"),
            ("两千五", "2500"),
        ] {
            check(text, expect);
        }
    }

    #[test]
    fn what_is_no_number_is_not_found() {
        for text in [
            "",
            "none",
            "the other one",
            "this one",
            "no one",
            "A4",
            "v2",
            "#7",
            "the 2nd",
            "一起吧",
            "周三",
            "唯一的",
            "第三个",
            "千万别",
            "两三个",
            "二三十个",
            "十几个",
            "几十个",
            "数百个",
            "三五千",
            "十分好",
        ] {
            check(text, "");
        }
        check(&"9".repeat(60), "");
    }

    #[test]
    fn numbers_of_something_are_found() {
        for (text, expect) in [
            ("25 seats", "25"),
            ("1 seat", "1"),
            ("25seats", "25"),
            ("a 25-seat plan", "25"),
            ("seats: 25", "25"),
            ("Seats = 25, days = 3", "25"),
            ("seats 25", "25"),
            ("the number of seats is 25", "25"),
            ("twenty-five users", "25"),
            ("a dozen seats", "12"),
            ("two dozen of seats", "24"),
            ("25 new seats for 3 days", "25"),
            ("25 team members", "25"),
            ("there are 25 of us", "25"),
            ("20 to 30 seats", "30"),
            ("20-30 seats", "30"),
            ("30+ seats", "30"),
            ("seats (25)", "25"),
            ("人数30", "30"),
            ("5 users and 10 seats", "5 10"),
            ("25个席位", "25"),
            ("25席位", "25"),
            ("二十五个席位", "25"),
            ("席位：25", "25"),
            ("席位要25个", "25"),
            ("席位25个", "25"),
            ("我们有12人", "12"),
            ("我们十二个人", "12"),
            ("1,200 seats", "1200"),
        ] {
            check_seats(text, expect);
        }
    }

    #[test]
    fn numbers_of_something_else_are_not_found() {
        for text in [
            "",
            "25",
            "25 days",
            "25 EUR per seat",
            "25 per seat",
            "seats: 25 EUR",
            "seats: €25",
            "seats 25 days",
            "seats. 25 days",
            "the 2nd seat",
            "两三个席位",
            "十几个人",
            "第三个席位",
            "25 or more, seats",
        ] {
            check_seats(text, "");
        }
    }
}
