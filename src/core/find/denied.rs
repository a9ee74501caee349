//! Whether a customer leaves something out: "not the team plan", "不要团队版".

use crate::extract::{Kind, Token, denied_before};

/// Words behind which a sentence begins anew, so that a denial before them does not reach on:
/// "not team but pro", "I can't decide between team and pro".
const TURNS: [&str; 11] = [
    "but", "rather", "instead", "then", "between", "because", "so", "although", "maybe", "perhaps",
    "sure",
];

/// English phrases that leave out what follows them; `extract` knows those of one word.
const PHRASES: [&[&str]; 9] = [
    &["instead", "of"],
    &["anything", "but"],
    &["day", "but"],
    &["everything", "but"],
    &["all", "but"],
    &["neither"],
    &["nor"],
    &["except"],
    &["except", "for"],
];

/// Han phrases that leave out what follows them; `extract` knows the others.
const HAN: [&str; 21] = [
    "不要",
    "不要用",
    "不要发到",
    "不想要",
    "不用",
    "不再用",
    "不需要",
    "不买",
    "不选",
    "不考虑",
    "不是",
    "别",
    "别给我",
    "别给",
    "别要",
    "别选",
    "别用",
    "别发到",
    "除了",
    "没有",
    "而非",
];

/// Questions that hold such a phrase and leave nothing out.
const HAN_QUESTIONS: [&str; 8] = [
    "要不要",
    "是不是",
    "用不用",
    "需不需要",
    "买不买",
    "能不能",
    "有没有",
    "可不可以",
];

/// Further back than this, no word speaks of a token any more. A bound, too: a text of nothing but
/// names must not be read anew for each of them.
const REACH: usize = 12;

/// Whether what stands at `at` is left out by the words before it, within its clause.
pub(super) fn before(tokens: &[Token], at: usize) -> bool {
    let near = han_before(tokens, at);
    if HAN_QUESTIONS
        .iter()
        .any(|question| near.ends_with(question))
    {
        return false;
    }
    if HAN.iter().any(|phrase| near.ends_with(phrase)) {
        return true;
    }
    if follows_phrase(tokens, at) || is_worse(tokens, at) {
        return true;
    }
    let from = clause(tokens, at);
    let why = tokens[from..at]
        .iter()
        .any(|token| token.word() == Some("why"));
    !why && denied_before(&tokens[from..], at - from)
}

/// Whether a phrase stands right before a token, or before its article.
fn follows_phrase(tokens: &[Token], at: usize) -> bool {
    let article = |at: usize| matches!(tokens[at].word(), Some("the" | "a" | "an" | "your"));
    let end = if at > 0 && article(at - 1) {
        at - 1
    } else {
        at
    };
    PHRASES.iter().any(|phrase| {
        let words = end
            .checked_sub(phrase.len())
            .and_then(|from| tokens.get(from..end));
        words.is_some_and(|words| {
            words
                .iter()
                .zip(*phrase)
                .all(|(token, word)| token.word() == Some(word))
        })
    })
}

/// `team` in "rather pro than team".
fn is_worse(tokens: &[Token], at: usize) -> bool {
    let clause = tokens[..at]
        .iter()
        .rev()
        .take(REACH)
        .take_while(|token| !token.ends_clause());
    let words: Vec<&str> = clause.filter_map(Token::word).take(6).collect();
    let than = words.iter().take(2).any(|word| *word == "than");
    than && words.contains(&"rather")
}

/// Whether the words right behind `to` leave out what ends there: `团队版不要了`.
pub(super) fn behind(tokens: &[Token], to: usize) -> bool {
    let rest: String = tokens[to..].iter().take(8).map_while(han).collect();
    let ends = ["", "了", "吧", "啦", "的"];
    ["不要", "不用", "不考虑", "不需要", "算"]
        .iter()
        .filter_map(|denial| rest.strip_prefix(denial))
        .any(|rest| ends.contains(&rest))
}

/// The tokens before `at` behind each denial of its clause that still speaks of it: `t` of "can't
/// come on" gives "come on". A denial that asks ("can't we meet on") is none.
pub(super) fn verbs_denied(tokens: &[Token], at: usize) -> impl Iterator<Item = &[Token]> {
    let from = clause(tokens, at);
    let end = tokens[from..at].iter().rposition(Token::ends_clause);
    let from = end.map_or(from, |end| from + end + 1);
    (from..at).filter_map(move |index| {
        let behind = &tokens[index + 1..at];
        let asks = matches!(
            behind.first().and_then(Token::word),
            Some("you" | "we" | "i" | "it" | "they" | "only" | "just")
        );
        let denies = match tokens[index].word() {
            Some("not" | "never" | "cannot" | "cant" | "dont" | "wont" | "unable") => true,
            Some("t") => index > from && tokens[index - 1].is_mark('\''),
            _ => false,
        };
        let why = tokens[from..index]
            .iter()
            .any(|it| it.word() == Some("why"));
        (denies && !asks && !why).then_some(behind)
    })
}

/// Whether the words right behind `to` say that it will not do: "does not work", "isn't possible",
/// "is no good".
pub(super) fn fails(tokens: &[Token], to: usize) -> bool {
    const VERBS: [&str; 6] = ["does", "do", "is", "will", "would", "did"];
    const CONTRACTED: [&str; 7] = ["doesn", "don", "isn", "won", "wouldn", "can", "didn"];
    const RUN_TOGETHER: [&str; 4] = ["doesnt", "dont", "isnt", "wont"];
    const FITTING: [&str; 14] = [
        "work",
        "works",
        "suit",
        "fit",
        "possible",
        "good",
        "ok",
        "okay",
        "fine",
        "convenient",
        "great",
        "ideal",
        "valid",
        "available",
    ];
    let word = |at: usize| tokens.get(at).and_then(Token::word).unwrap_or_default();
    let to = to + usize::from(matches!(word(to), "morning" | "afternoon" | "evening"));
    let denial = if VERBS.contains(&word(to)) {
        matches!(word(to + 1), "not" | "no").then_some(to + 2)
    } else if CONTRACTED.contains(&word(to)) {
        let t = word(to + 2) == "t" && tokens[to + 1].is_mark('\'');
        t.then_some(to + 3)
    } else {
        let one = word(to) == "cannot" || RUN_TOGETHER.contains(&word(to));
        one.then_some(to + 1)
    };
    let denied = denial.is_some_and(|at| {
        let really = matches!(word(at), "really" | "so" | "longer" | "be");
        FITTING.contains(&word(at + usize::from(really)))
    });
    denied || word(to) == "is" && matches!(word(to + 1), "impossible" | "bad" | "out")
}

/// Where the clause begins to which a denial before `at` would belong.
fn clause(tokens: &[Token], at: usize) -> usize {
    let turns = |index: usize| {
        let word = tokens[index].word();
        word.is_some_and(|word| TURNS.contains(&word)) || answers_no(tokens, index)
    };
    let near = at.saturating_sub(REACH);
    (near..at)
        .rev()
        .find(|&index| turns(index))
        .map_or(near, |index| index + 1)
}

/// "No I want the team plan": a no that answers, and a new sentence behind it.
fn answers_no(tokens: &[Token], at: usize) -> bool {
    const SUBJECTS: [&str; 12] = [
        "i",
        "we",
        "it",
        "that",
        "this",
        "my",
        "our",
        "you",
        "please",
        "just",
        "preference",
        "idea",
    ];
    let next = tokens.get(at + 1).and_then(Token::word);
    tokens[at].word() == Some("no") && next.is_some_and(|word| SUBJECTS.contains(&word))
}

/// The Han characters right before a token.
fn han_before(tokens: &[Token], at: usize) -> String {
    let mut near: Vec<char> = tokens[..at].iter().rev().take(6).map_while(han).collect();
    near.reverse();
    near.into_iter().collect()
}

fn han(token: &Token) -> Option<char> {
    match token.kind {
        Kind::Han(c) => Some(c),
        _ => None,
    }
}
