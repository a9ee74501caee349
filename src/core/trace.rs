//! Why a turn came out as it did, as far as the turn itself can tell: what was understood, which
//! line of a script asked for what, how long each step took. Kept with the turn in the ledger; why
//! other rules lost is found by playing the turn once more (`consultant conversation explain`).

use serde::{Deserialize, Serialize};

use crate::{Action, DocumentKey, FaqId, ProductId, TrainedIntent, Understanding, VariantId};

/// What a playbook made of a turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// What it asks for, in order.
    pub actions: Vec<Action>,
    /// Of each action, the line of the script that made it; none for what the declarations make by
    /// themselves, as a slot that a message fills.
    pub places: Vec<Option<ScriptPlace>>,
    /// What went wrong beside it and did not keep it from an answer, for the people who write
    /// scripts: an escalation rule that failed.
    pub problems: Vec<String>,
}

impl Decision {
    /// Adds an action that no line made.
    pub fn declared(&mut self, action: Action) {
        self.actions.push(action);
        self.places.push(None);
    }

    /// Adds an action that a line made.
    pub fn made(&mut self, action: Action, place: ScriptPlace) {
        self.actions.push(action);
        self.places.push(Some(place));
    }
}

impl From<Vec<Action>> for Decision {
    fn from(actions: Vec<Action>) -> Self {
        let places = vec![None; actions.len()];
        Self {
            actions,
            places,
            problems: Vec::new(),
        }
    }
}

/// A line of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptPlace {
    /// The script, as people call its file.
    pub file: String,
    /// The line, from 1; 0 where it is not known.
    pub line: usize,
}

/// How a turn came out as it did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnTrace {
    /// The stage in which it began.
    pub stage: String,
    /// The slot that was asked for before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaiting: Option<String>,
    /// What was understood.
    pub understood: TracedUnderstanding,
    /// What the playbook asked for, in order.
    pub rules: Vec<TracedRule>,
    /// How long it took.
    pub spent: Spent,
}

/// What was understood of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedUnderstanding {
    /// The intent, by the name that playbooks use.
    pub intent: String,
    /// How sure that was, in thousandths.
    pub confidence_permille: u16,
    /// What the trained intents took it for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained: Option<TracedIntent>,
    /// The mood that it showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mood: Option<TracedIntent>,
    /// Products that were named, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<TracedProduct>,
    /// The category that was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// A number of pieces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// Reviewed answers that might fit, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faq: Vec<TracedAnswer>,
    /// Passages of documents that might answer, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passages: Vec<TracedPassage>,
}

/// A category that a message was taken for by what was learned from examples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedIntent {
    /// Which.
    pub label: String,
    /// How sure that was, in thousandths.
    pub confidence_permille: u16,
}

/// A product that was named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedProduct {
    /// Which.
    pub product: ProductId,
    /// Which of its variants, if one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<VariantId>,
}

/// A reviewed answer that might fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedAnswer {
    /// Which.
    pub entry: FaqId,
    /// How well, in thousandths.
    pub score_permille: u16,
}

/// A passage of a document that might answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedPassage {
    /// In which document.
    pub document: DocumentKey,
    /// Where in it: `Returns > Costs, line 12`.
    pub place: String,
    /// How well it fits, in thousandths.
    pub score_permille: u16,
}

/// An action that a turn came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedRule {
    /// What was asked for, as scripts call it: `say`, `offer`, `goto`.
    pub action: String,
    /// What of it tells one from another: a stage, a slot, a product, a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The line that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<ScriptPlace>,
}

/// How long the steps of a turn took, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Understanding the message.
    pub understand_us: u64,
    /// The playbook.
    pub playbook_us: u64,
    /// Composing the reply, and having the model write.
    pub write_us: u64,
}

fn traced(judged: &TrainedIntent) -> TracedIntent {
    TracedIntent {
        label: judged.label.clone(),
        confidence_permille: permille(judged.confidence),
    }
}

impl From<&Understanding> for TracedUnderstanding {
    fn from(understood: &Understanding) -> Self {
        let products = understood.products.iter().map(|it| TracedProduct {
            product: it.product.clone(),
            variant: it.variant.clone(),
        });
        let faq = understood.faq.iter().map(|it| TracedAnswer {
            entry: it.entry.clone(),
            score_permille: permille(it.score),
        });
        let passages = understood.passages.iter().map(|it| TracedPassage {
            document: it.document.clone(),
            place: it.place.to_string(),
            score_permille: permille(it.score),
        });
        Self {
            intent: understood.intent.name().to_owned(),
            confidence_permille: permille(understood.confidence),
            trained: understood.trained.as_ref().map(traced),
            mood: understood.mood.as_ref().map(traced),
            products: products.collect(),
            category: understood.category.clone(),
            quantity: understood.quantity,
            faq: faq.collect(),
            passages: passages.collect(),
        }
    }
}

/// A share of one in thousandths.
fn permille(share: f64) -> u16 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it lies between 0 and 1000"
    )]
    let permille = (share.clamp(0.0, 1.0) * 1000.0).round() as u16;
    permille
}

impl TracedRule {
    /// What a decision came to.
    pub fn of_decision(decision: &Decision) -> Vec<Self> {
        let rules = decision.actions.iter().zip(&decision.places);
        rules
            .map(|(action, place)| Self {
                action: action.name().to_owned(),
                of: action.subject(),
                place: place.clone(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{At, FaqHit, Intent, Language, LocalText, PassageHit, Place, ProductMention};

    #[test]
    fn passages_are_traced_with_their_place_and_an_older_trace_has_none() {
        let mut understood = Understanding::of_nothing(Language::EN);
        understood.passages.push(PassageHit {
            document: "returns.md".into(),
            passage: 3,
            sentence: 0,
            place: Place {
                headings: vec!["Costs".to_owned()],
                at: Some(At::Line(12)),
            },
            score: 0.75,
        });
        let traced = TracedUnderstanding::from(&understood);
        insta::assert_json_snapshot!(traced);
        let older = r#"{"intent":"other","confidence_permille":0}"#;
        let older: TracedUnderstanding = serde_json::from_str(older).unwrap();
        assert!(older.passages.is_empty());
    }

    #[test]
    fn the_stored_form_of_a_trace_is_a_decision() {
        let mut understood = Understanding::of_nothing(Language::EN);
        understood.intent = Intent::Price;
        understood.confidence = 0.8756;
        understood.quantity = Some(2);
        understood.products.push(ProductMention {
            product: "desk-lamp".into(),
            variant: Some("black".into()),
            confidence: 1.0,
        });
        understood.faq.push(FaqHit {
            entry: "delivery".into(),
            score: 0.5,
        });
        let mut decision = Decision::default();
        decision.declared(Action::Set {
            slot: "quantity".to_owned(),
            value: None,
        });
        let place = ScriptPlace {
            file: "shop.rhai".to_owned(),
            line: 12,
        };
        let text = LocalText::one(Language::EN, "Hello");
        decision.made(Action::Say { text }, place);
        insta::assert_json_snapshot!(TurnTrace {
            stage: "greet".to_owned(),
            awaiting: Some("quantity".to_owned()),
            understood: TracedUnderstanding::from(&understood),
            rules: TracedRule::of_decision(&decision),
            spent: Spent {
                understand_us: 70,
                playbook_us: 20,
                write_us: 5,
            },
        });
        assert_eq!(permille(f64::NAN), 0);
    }
}
