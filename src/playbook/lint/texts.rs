//! What customers read, as far as it stands in the script: amounts of money and discounts that
//! were written by hand, missing languages, texts over a platform's limit.

use std::collections::{BTreeMap, BTreeSet};

use consultant_core::{
    Currency, Language,
    extract::{ClaimKind, find_claims},
};
use rhai::{ASTNode, Expr, FnCallExpr, Ident, Position, Stmt};

use super::{Lint, Linter};
use crate::problem::Problem;

/// The most UTF-16 units of one message on Discord, the shortest of the platforms' limits.
const DISCORD_UTF16_UNITS: usize = 2_000;
/// The most UTF-16 units of one message on Telegram.
const TELEGRAM_UTF16_UNITS: usize = 4_096;

/// Strings among the values of these calls are for the program or for colleagues; a promotion's
/// name may say what it takes off, because it is the promotion that says so.
const NOT_SAID: [&str; 26] = [
    "escalate",
    "set",
    "score",
    "tag",
    "untag",
    "serve_as",
    "promotion",
    "says",
    "words",
    "option",
    "options",
    "item",
    "product",
    "slot",
    "date",
    "contains",
    "starts_with",
    "ends_with",
    "index_of",
    "replace",
    "split",
    "==",
    "!=",
    "print",
    "debug",
    "type_of",
];

/// A text in the languages that stand in the script.
pub(super) struct Seen {
    languages: BTreeSet<String>,
    /// Where it stands, as a problem without words.
    place: Problem,
}

/// Whether a string may be read by customers, from the nodes that it stands in.
pub(super) fn is_for_customers(around: &[ASTNode<'_>], string: &Expr) -> bool {
    let expression = |node: &ASTNode<'_>| match node {
        ASTNode::Expr(inside) => Some(std::ptr::from_ref::<Expr>(inside)),
        _ => None,
    };
    let inside = around.iter().skip(1).map(expression);
    let inside = inside.chain([Some(std::ptr::from_ref(string))]);
    around.iter().zip(inside).all(|(node, inside)| match node {
        ASTNode::Stmt(Stmt::FnCall(call, _))
        | ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _)) => {
            !NOT_SAID.contains(&call.name.as_str()) && !is_unread(call, inside)
        }
        ASTNode::Stmt(Stmt::Import(..)) => false,
        _ => true,
    })
}

/// Values that customers never read: the words that they say themselves, in a list
/// (`objection("price", ["over 100 EUR"], …)`), and why and to whom a talk is handed off.
fn is_unread(call: &FnCallExpr, inside: Option<*const Expr>) -> bool {
    let is_this = |value: &Expr| inside.is_some_and(|inside| std::ptr::eq(inside, value));
    let unread: &[usize] = match call.name.as_str() {
        "objection" | "topic" => &[1],
        "hand_off" => &[0, 2],
        _ => &[],
    };
    let mut unread = unread.iter().filter_map(|at| call.args.get(*at));
    unread.any(is_this)
}

/// Texts that lack a language which at least half of all texts have.
pub(super) fn missing_languages(texts: &[Seen]) -> Vec<Problem> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in texts {
        for language in &text.languages {
            *counts.entry(language).or_default() += 1;
        }
    }
    let expected = counts
        .into_iter()
        .filter(|(_, count)| count * 2 >= texts.len());
    expected
        .flat_map(|(language, count)| {
            let lacking = texts
                .iter()
                .filter(|text| !text.languages.contains(language));
            lacking.map(move |text| {
                let problem = text.place.clone().of(Lint::MissingLanguage);
                let all = texts.len();
                problem
                    .says(format!(
                        "this text has no `{language}`, which {count} of {all} texts have"
                    ))
                    .hint(format!(
                        "add `{language}: \"…\"`; without it these customers read English"
                    ))
            })
        })
        .collect()
}

impl Linter<'_> {
    /// A text in one language, which is English.
    pub(super) fn plain_text(&mut self, text: &Expr) {
        if let Expr::StringConstant(_, at) | Expr::InterpolatedString(_, at) = text {
            self.seen(["en".to_owned()].into(), *at);
            self.length(text, *at);
        }
    }

    /// `#{ en: "…", zh: "…" }`, wherever it stands.
    pub(super) fn text_map(&mut self, entries: &[(Ident, Expr)], at: Position) {
        let languages: BTreeSet<String> = entries
            .iter()
            .map(|(key, _)| key.as_str().to_owned())
            .collect();
        let is_text =
            languages.contains("en") && languages.iter().all(|key| key.parse::<Language>().is_ok());
        if !is_text {
            return;
        }
        let first = entries.first().map_or(at, |(key, _)| key.pos);
        self.seen(languages, if at.is_none() { first } else { at });
        for (_, words) in entries {
            self.length(words, words.start_position());
        }
    }

    fn seen(&mut self, languages: BTreeSet<String>, at: Position) {
        let place = self.place(at);
        self.findings.texts.push(Seen { languages, place });
    }

    fn length(&mut self, words: &Expr, at: Position) {
        let units: usize = match words {
            Expr::StringConstant(words, _) => words.encode_utf16().count(),
            Expr::InterpolatedString(parts, _) => parts.iter().map(literal_units).sum(),
            _ => 0,
        };
        if units <= DISCORD_UTF16_UNITS {
            return;
        }
        let message = format!(
            "this text has {units} characters; one message has at most {DISCORD_UTF16_UNITS} on \
             Discord and {TELEGRAM_UTF16_UNITS} on Telegram"
        );
        let hint = "it is sent in parts: write less, or several texts";
        self.complain(Lint::TextTooLong, at, message, hint);
    }

    /// Amounts and discounts in a string, which nobody changes with the catalogue.
    pub(super) fn by_hand(&mut self, words: &str, at: Position) {
        // The currency only settles what `$` and `¥` mean, which makes no difference here.
        for claim in find_claims(words, Currency::EUR) {
            let (lint, message, hint) = match claim.kind {
                ClaimKind::Money { .. } => (
                    Lint::PriceByHand,
                    format!("`{}` is a price written by hand", claim.text),
                    "look it up: `money(product(\"…\").lowest_price)`, `offer(…)` or `answer()`",
                ),
                ClaimKind::Discount { .. } => (
                    Lint::DiscountByHand,
                    format!("`{}` is a discount written by hand", claim.text),
                    "`offer(…)` and `answer()` name the discount that the catalogue has",
                ),
                ClaimKind::UnspecificDiscount | ClaimKind::Free => continue,
            };
            let place = self.place(at);
            let place = place.narrowed(&self.script.source, words, &claim.text);
            let problem = place.of(lint).says(message).hint(hint);
            self.findings.problems.push(problem);
        }
    }
}

fn literal_units(part: &Expr) -> usize {
    match part {
        Expr::StringConstant(words, _) => words.encode_utf16().count(),
        _ => 0,
    }
}
