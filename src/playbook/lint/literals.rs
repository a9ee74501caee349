//! Values that stand in the script itself: texts, stages, products. A text is checked here
//! although the call checks it again, because a branch may be taken once a month.

use consultant_core::Language;
use rhai::{Expr, FnCallExpr, Position};

use super::{Lint, Linter, Mention, MentionKind, slots::Filled};
use crate::api::is_blank;

impl Linter<'_> {
    pub(super) fn literals(&mut self, call: &FnCallExpr, position: Position) {
        let is_own = self.vocabulary.is_own(&call.name, call.args.len());
        if is_own || !call.namespace.path.is_empty() {
            return;
        }
        match (call.name.as_str(), &*call.args) {
            ("say", [text])
            | ("follow_up" | "remind" | "promotion", [_, text])
            | ("hand_off", [_, text, ..])
            | ("topic", [_, _, text]) => self.text(text, position),
            ("goes_with", [product, other, text]) => {
                self.each_name(product, MentionKind::Product);
                self.each_name(other, MentionKind::Product);
                self.text(text, position);
            }
            ("ask", [slot]) => self.slot_asked(slot),
            ("ask", [slot, text]) => {
                self.slot_filled(slot, Filled::Asked);
                self.text(text, position);
            }
            ("set", [slot, _]) => self.slot_filled(slot, Filled::Set),
            ("slot", [slot, ..]) => self.slot_filled(slot, Filled::Declared),
            ("goto", [stage]) => self.goto(stage),
            _ => self.facts(call),
        }
    }

    fn goto(&mut self, stage: &Expr) {
        match stage {
            Expr::StringConstant(stage, at) => {
                let place = self.place(*at);
                self.findings.gotos.push((stage.to_string(), place));
            }
            _ => self.findings.goes_anywhere = true,
        }
    }

    /// What stands in the values of a method: `slot(…).ask(#{ … })`, `promotion(…).on("desk")`.
    pub(super) fn method_literals(&mut self, call: &FnCallExpr, position: Position) {
        match (call.name.as_str(), &*call.args) {
            ("ask" | "again", [text]) => self.text(text, position),
            ("on" | "bundle", [ids]) => self.each_name(ids, MentionKind::Product),
            ("in_category", [names]) => self.each_name(names, MentionKind::Category),
            ("needs", [slots]) => self.slots_needed(slots),
            ("can_go" | "missing_for", [Expr::StringConstant(stage, at)]) => {
                let place = self.place(*at);
                self.findings.stages.push((stage.to_string(), place));
            }
            _ => {}
        }
    }

    /// A name in quotes, or each in a list.
    fn each_name(&mut self, names: &Expr, kind: fn(String) -> MentionKind) {
        let names = match names {
            Expr::Array(names, _) => names.as_slice(),
            one => std::slice::from_ref(one),
        };
        for name in names {
            if let Expr::StringConstant(name, at) = name {
                self.mention(kind(name.to_string()), *at);
            }
        }
    }

    /// Names that catalogue and FAQ know.
    fn facts(&mut self, call: &FnCallExpr) {
        match (call.name.as_str(), &*call.args) {
            ("product" | "quote" | "upsells_for", [Expr::StringConstant(id, at)]) => {
                self.mention(MentionKind::Product(id.to_string()), *at);
            }
            ("products_in", [Expr::StringConstant(name, at)]) => {
                self.mention(MentionKind::Category(name.to_string()), *at);
            }
            ("offer" | "item", [Expr::StringConstant(id, at), more @ ..]) => {
                self.mention(MentionKind::Product(id.to_string()), *at);
                self.variant(id, more);
            }
            ("faq" | "answer_from" | "has_faq", [Expr::StringConstant(id, at), ..]) => {
                self.mention(MentionKind::Faq(id.to_string()), *at);
            }
            _ => {}
        }
    }

    fn variant(&mut self, product: &str, values: &[Expr]) {
        if let Some(Expr::StringConstant(variant, at)) = values.first() {
            let kind = MentionKind::Variant {
                product: product.to_owned(),
                variant: variant.to_string(),
            };
            self.mention(kind, *at);
        }
    }

    fn mention(&mut self, kind: MentionKind, at: Position) {
        let place = self.place(at);
        self.findings.mentions.push(Mention { kind, place });
    }

    fn text(&mut self, text: &Expr, call: Position) {
        const HINT: &str = "write `#{ en: \"…\", zh: \"…\" }`";
        self.plain_text(text);
        match text {
            Expr::StringConstant(words, at) if is_blank(words) => {
                self.complain(Lint::WrongText, *at, "this text is empty", HINT);
            }
            Expr::Map(entries, at) => {
                let at = if at.is_none() { call } else { *at };
                if !entries
                    .0
                    .iter()
                    .any(|(language, _)| language.as_str() == "en")
                {
                    let message = "this text has no English (`en`)";
                    let hint = "every other language falls back to English";
                    self.complain(Lint::WrongText, at, message, hint);
                }
                for (language, words) in &entries.0 {
                    self.words(language.as_str(), language.pos, words);
                }
            }
            Expr::IntegerConstant(_, at) | Expr::BoolConstant(_, at) | Expr::Array(_, at) => {
                self.complain(Lint::WrongText, *at, "this is not a text", HINT);
            }
            _ => {}
        }
    }

    fn words(&mut self, language: &str, at: Position, words: &Expr) {
        if let Err(error) = language.parse::<Language>() {
            let hint = "the keys of a text are languages";
            self.complain(Lint::WrongText, at, error.to_string(), hint);
        }
        if let Expr::StringConstant(words, at) = words
            && is_blank(words)
        {
            let hint = match language {
                "en" => "every other language falls back to English",
                _ => "leave the language out, and English is used",
            };
            let message = format!("the text for `{language}` is empty");
            self.complain(Lint::WrongText, *at, message, hint);
        }
    }
}
