//! Days that a customer names only to say that they will not do: "I can't come on Friday", 周五不行.

use super::{super::denied, page::Page};

/// Words between a denial and a day that make the day a limit: "not before Friday".
const LIMITS: [&str; 8] = [
    "before", "until", "till", "than", "after", "since", "by", "wait",
];

/// Whether the words before or behind a date say that this is not the day.
pub(super) fn is_ruled_out(page: &Page<'_>, from: usize, to: usize) -> bool {
    right_before(page, from) || before(page, from, to) || behind(page, to)
}

/// `not on Friday`, `不要周五`.
fn right_before(page: &Page<'_>, from: usize) -> bool {
    let on = page
        .back(from, 1)
        .is_some_and(|word| matches!(word, "on" | "for"));
    let at = from - usize::from(on);
    let english = page.back(at, 1) == Some("not") && page.back(at, 2) != Some("why");
    let chinese =
        page.han_ends(from, &["不要", "不是", "别"]) && !page.han_ends(from, &["要不要", "是不是"]);
    english || chinese
}

/// "I can't come on Friday", but not "I can't wait until Friday", and not "I can't on Thursday and
/// Friday works".
fn before(page: &Page<'_>, from: usize, to: usize) -> bool {
    let limit = |by: usize| page.back(from, by).is_some_and(|it| LIMITS.contains(&it));
    let limited = limit(1) || page.back(from, 1) == Some("the") && limit(2);
    let limited = limited || page.han_ends(from, &["到", "于", "等"]);
    let fits = |at: usize| {
        let word = page.word(at);
        word.is_some_and(|word| matches!(word, "works" | "suits" | "is" | "would" | "will"))
    };
    if limited || fits(to) {
        return false;
    }
    denied::before(page.tokens, from) || denied::verbs_denied(page.tokens, from).next().is_some()
}

/// "Friday doesn't work", 周五不行; 周五不行吗 is a question.
fn behind(page: &Page<'_>, to: usize) -> bool {
    const FILLERS: [&str; 10] = [
        "我们", "我", "那天", "上午", "下午", "晚上", "也", "都", "可能", "恐怕",
    ];
    const DENIALS: [&str; 14] = [
        "不行",
        "不可以",
        "不可能",
        "不方便",
        "不合适",
        "不能",
        "不在",
        "没空",
        "没有空",
        "没时间",
        "没有时间",
        "有事",
        "来不了",
        "去不了",
    ];
    if denied::behind(page.tokens, to) || denied::fails(page.tokens, to) {
        return true;
    }
    let filled = |at: usize| page.han_any(at, &FILLERS).unwrap_or(at);
    let denial = page.han_any(filled(filled(to)), &DENIALS);
    denial.is_some_and(|end| page.han_any(end, &["吗", "么", "嘛"]).is_none())
}
