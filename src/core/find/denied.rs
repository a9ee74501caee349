//! Whether a customer leaves something out: "not the team plan", "不要团队版".

use crate::extract::{Kind, Token, denied_before};

/// Words behind which a sentence begins anew, so that a denial before them does not reach on:
/// "not team but pro", "I can't decide between team and pro".
const TURNS: [&str; 8] = [
    "but", "rather", "instead", "then", "between", "because", "so", "although",
];

/// Han phrases that leave out what follows them; `extract` knows the others.
const HAN: [&str; 14] = [
    "不要",
    "不想要",
    "不用",
    "不需要",
    "不买",
    "不选",
    "不考虑",
    "不是",
    "别",
    "别要",
    "别选",
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
    let from = clause(tokens, at);
    let why = tokens[from..at]
        .iter()
        .any(|token| token.word() == Some("why"));
    !why && denied_before(&tokens[from..], at - from)
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

/// Where the clause begins to which a denial before `at` would belong.
fn clause(tokens: &[Token], at: usize) -> usize {
    let turns = |index: usize| {
        let word = tokens[index].word();
        word.is_some_and(|word| TURNS.contains(&word)) || answers_no(tokens, index)
    };
    (0..at)
        .rev()
        .find(|&index| turns(index))
        .map_or(0, |index| index + 1)
}

/// "No I want the team plan": a no that answers, and a new sentence behind it.
fn answers_no(tokens: &[Token], at: usize) -> bool {
    const SUBJECTS: [&str; 10] = [
        "i", "we", "it", "that", "this", "my", "our", "you", "please", "just",
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
