//! Whether a word is denied: "no discount", "isn't free", "不打折".

use super::token::{Kind, Token};

/// Whether one of the few words before this token, within its clause, denies it. "Not only" does
/// not.
pub(crate) fn before(tokens: &[Token], at: usize) -> bool {
    let clause = tokens[..at]
        .iter()
        .rposition(Token::ends_clause)
        .map_or(0, |end| end + 1);
    let near = &tokens[clause.max(at.saturating_sub(4))..at];
    let only = near
        .iter()
        .any(|t| matches!(t.word(), Some("only" | "just" | "doubt" | "problem")));
    let english = near
        .iter()
        .enumerate()
        .any(|(i, token)| match token.word() {
            Some(
                "not" | "never" | "no" | "without" | "cannot" | "isn" | "aren" | "don" | "doesn",
            ) => true,
            Some("t") => i > 0 && near[i - 1].is_mark('\''),
            _ => false,
        });
    english && !only || han(near)
}

fn han(near: &[Token]) -> bool {
    let chars: String = near
        .iter()
        .filter_map(|token| match token.kind {
            Kind::Han(c) => Some(c),
            _ => None,
        })
        .collect();
    let denied = [
        "不", "没", "没有", "无", "无法", "非", "不是", "不能", "不会", "暂无", "不再",
    ];
    denied.iter().any(|word| chars.ends_with(word))
        || ["没有", "不能", "无法", "不会", "不提供"]
            .iter()
            .any(|word| chars.contains(word))
}
