//! What a property of the turn is compared with: `turn.intent == "price"`, `turn.stage in [..]`,
//! the cases of a `switch`. A word that can never come makes a rule that never holds.

use consultant_core::Intent;
use rhai::{Expr, FnCallExpr, Position};

use super::{Lint, Linter, Mention, MentionKind, tokens::Case};
use crate::problem::nearest;

impl Linter<'_> {
    pub(super) fn comparison(&mut self, call: &FnCallExpr) {
        match (call.name.as_str(), &*call.args) {
            ("==" | "!=", [left, right]) => {
                self.compared(left, right);
                self.compared(right, left);
            }
            // `item in list` is written down as `contains(list, item)`.
            ("contains", [Expr::Array(words, _), item]) => {
                for word in words {
                    self.compared(item, word);
                }
            }
            ("contains", [slots, name]) if turn_path(slots).as_deref() == Some("slots") => {
                self.slot_named(name);
            }
            _ => {}
        }
    }

    pub(super) fn cases(&mut self, cases: &[Case]) {
        for case in cases {
            self.word(&case.property, &case.word, case.at);
        }
    }

    fn compared(&mut self, subject: &Expr, word: &Expr) {
        if let (Some(path), Expr::StringConstant(word, at)) = (turn_path(subject), word) {
            self.word(&path, word, *at);
        }
    }

    /// A word that a property of the turn is compared with.
    fn word(&mut self, path: &str, word: &str, at: Position) {
        let place = self.place(at);
        let mention = |kind| Mention {
            kind,
            place: place.clone(),
        };
        let name = word.to_owned();
        match path {
            "intent" => self.intent(word, at),
            "awaiting" => self.findings.slots.awaited(word, place),
            "stage" => self.findings.stages.push((name, place)),
            "category" => {
                let kind = MentionKind::Category(name);
                self.findings.mentions.push(mention(kind));
            }
            "faq[].id" | "exchange.nearest.id" => {
                let kind = MentionKind::Faq(name);
                self.findings.mentions.push(mention(kind));
            }
            "products[].id" => {
                let kind = MentionKind::Product(name);
                self.findings.mentions.push(mention(kind));
            }
            _ => {}
        }
    }

    fn intent(&mut self, word: &str, at: Position) {
        let known = Intent::NAMES.map(|(_, name)| name);
        if known.contains(&word) {
            return;
        }
        let hint = nearest(word, known).map_or_else(
            || format!("there are `{}`", known.join("`, `")),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("there is no intent `{word}`");
        self.complain(Lint::UnknownIntent, at, message, hint);
    }
}

/// `turn.faq[0].id` is `faq[].id`, and what an exchange has begins with its name; `None` for what is
/// no property of either.
fn turn_path(expression: &Expr) -> Option<String> {
    let (Expr::Dot(link, ..) | Expr::Index(link, ..)) = expression else {
        return None;
    };
    let mut path = match &link.lhs {
        Expr::Variable(variable, ..) if variable.1 == "turn" => String::new(),
        Expr::Variable(variable, ..) if variable.1 == "exchange" => "exchange".to_owned(),
        _ => return None,
    };
    follow(&link.rhs, &mut path)?;
    Some(path)
}

fn follow(expression: &Expr, path: &mut String) -> Option<()> {
    match expression {
        Expr::Dot(link, ..) | Expr::Index(link, ..) => {
            follow(&link.lhs, path)?;
            follow(&link.rhs, path)
        }
        Expr::Property(names, _) => {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(names.2.as_str());
            Some(())
        }
        Expr::IntegerConstant(..) | Expr::Variable(..) => {
            path.push_str("[]");
            Some(())
        }
        _ => None,
    }
}
