//! What a claim is about, so that "free delivery" does not make a lamp free.

use std::collections::BTreeSet;

use crate::extract::{Kind, Token, han_text};

/// Services that shops give away, each with its words in any language, folded and stemmed.
/// A service is written `#name`, so that it cannot be taken for a word.
const SERVICES: [(&str, &[&str]); 14] = [
    (
        "#delivery",
        &[
            "deliver", "ship", "postage", "courier", "送货", "配送", "运费", "包邮", "免邮",
            "邮费", "快递", "发货", "邮寄", "运送", "送达", "寄送", "运输",
        ],
    ),
    (
        "#return",
        &["return", "refund", "退货", "退换", "退回", "退款"],
    ),
    ("#exchange", &["exchang", "swap", "换货", "退换", "更换"]),
    ("#repair", &["repair", "fix", "维修", "修理", "保修"]),
    (
        "#assembly",
        &["install", "assembl", "mount", "安装", "组装"],
    ),
    ("#wrapping", &["wrap", "giftwrap", "包装"]),
    ("#sample", &["sample", "swatch", "样品", "小样", "样本"]),
    ("#trial", &["trial", "试用"]),
    (
        "#advice",
        &["advice", "advis", "consult", "咨询", "建议", "顾问"],
    ),
    ("#warranty", &["warrant", "guarante", "保修", "质保"]),
    ("#pickup", &["pickup", "collect", "自提", "取货"]),
    ("#cancel", &["cancel", "取消"]),
    (
        "#membership",
        &["member", "account", "sign", "会员", "账户", "注册"],
    ),
    ("#engraving", &["engrav", "刻字"]),
];

/// Words that say nothing about what a claim is about, folded.
const EMPTY: [&str; 50] = [
    "free",
    "cost",
    "costs",
    "charge",
    "gratis",
    "complimentary",
    "with",
    "your",
    "this",
    "that",
    "from",
    "have",
    "will",
    "they",
    "them",
    "here",
    "there",
    "what",
    "when",
    "which",
    "would",
    "could",
    "should",
    "about",
    "also",
    "only",
    "just",
    "very",
    "more",
    "every",
    "each",
    "price",
    "order",
    "orders",
    "euro",
    "euros",
    "dollars",
    "yours",
    "today",
    "offer",
    "offers",
    "item",
    "items",
    "product",
    "products",
    "everything",
    "additional",
    "extra",
    "included",
    "house",
];

/// The services and the telling words among these tokens.
pub(super) fn topics(tokens: &[Token]) -> BTreeSet<String> {
    let han = han_text(tokens);
    let mut topics: BTreeSet<String> = SERVICES
        .iter()
        .filter(|(_, stems)| stems.iter().any(|stem| names(tokens, &han, stem)))
        .map(|(service, _)| (*service).to_owned())
        .collect();
    let words = tokens.iter().filter_map(Token::word);
    let telling = words.filter(|word| word.chars().count() >= 4 && !EMPTY.contains(word));
    topics.extend(telling.map(|word| word.trim_end_matches('s').to_owned()));
    topics.extend(han_pairs(&han));
    topics
}

/// Pairs of Han characters, which are most of Chinese's words, without those that say nothing.
fn han_pairs(han: &str) -> impl Iterator<Item = String> {
    const EMPTY_HAN: &str = "免费赠送的是了我们您你可以都在和吗有元欧价这那个一请也就会不为到即";
    let chars: Vec<char> = han.chars().collect();
    let pairs: Vec<String> = chars
        .windows(2)
        .filter(|pair| pair.iter().all(|c| *c != ' ' && !EMPTY_HAN.contains(*c)))
        .map(|pair| pair.iter().collect())
        .collect();
    pairs.into_iter()
}

fn names(tokens: &[Token], han: &str, stem: &str) -> bool {
    han.contains(stem)
        || tokens
            .iter()
            .filter_map(Token::word)
            .any(|word| word.starts_with(stem))
}

/// Whether a claim about `claimed` rests on a fact about `known`: they share a service, or, where
/// the fact is about none, two words. One is not enough: that old lamps are taken back for free
/// does not give lamps away.
pub(super) fn agree(claimed: &BTreeSet<String>, known: &BTreeSet<String>) -> bool {
    let is_service = |topic: &&String| topic.starts_with('#');
    let shared = || claimed.intersection(known);
    if known.iter().any(|topic| is_service(&topic)) {
        shared().any(|topic| is_service(&topic))
    } else {
        shared().count() >= 2
    }
}

/// The clause around these tokens: up to the nearest comma, colon, end or conjunction.
pub(super) fn clause(tokens: &[Token], from: usize, to: usize) -> &[Token] {
    let start = tokens[..from]
        .iter()
        .rposition(parts_clauses)
        .map_or(0, |at| at + 1);
    let end = tokens[to..]
        .iter()
        .position(parts_clauses)
        .map_or(tokens.len(), |at| to + at);
    &tokens[start..end]
}

pub(super) fn parts_clauses(token: &Token) -> bool {
    let word = matches!(
        token.word(),
        Some("and" | "but" | "while" | "with" | "plus" | "or")
    );
    word || token.ends_clause() || matches!(token.kind, Kind::Han('和' | '并' | '而' | '且' | '及'))
}
