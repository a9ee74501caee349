//! How a simulated conversation went: whether the goal was reached, where it ran in circles, and
//! which amounts were said that the company never stated.

use std::{collections::BTreeSet, sync::Arc};

use consultant_core::{
    Action, Catalog, Happening, OfferItem, Promotion, SlotValue, Source,
    extract::{ClaimKind, find_claims},
    guard::FactBase,
};
use rust_decimal::Decimal;
use serde::Serialize;

use super::{
    super::{Stage, check::reply, house::Seen},
    persona::Persona,
    report::Met,
    voice::Said,
};

/// How a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum End {
    /// The persona is content.
    Reached,
    /// The same was said again and again, or nothing.
    Stuck,
    /// The persona ran out of patience.
    GaveUp,
    /// The persona cannot pay for it.
    TooDear,
}

/// So often the same reply in a row is a dead end.
const CIRCLES: u32 = 3;

/// Watches one conversation.
pub(super) struct Judge<'a> {
    persona: &'a Persona,
    catalog: Arc<Catalog>,
    facts: Arc<FactBase>,
    lines: Vec<String>,
    last: String,
    repeated: u32,
    escalated: bool,
    invented: Vec<String>,
    /// Amounts of offers and of the customer so far, which may be repeated later.
    offered: BTreeSet<Decimal>,
    turns: usize,
    /// Messages that a model put into words.
    worded: usize,
}

impl<'a> Judge<'a> {
    pub(super) fn new(persona: &'a Persona, stage: &Stage, facts: Arc<FactBase>) -> Self {
        Self {
            persona,
            catalog: stage.company.knowledge.catalog(),
            facts,
            lines: Vec::new(),
            last: String::new(),
            repeated: 0,
            escalated: false,
            invented: Vec::new(),
            offered: BTreeSet::new(),
            turns: 0,
            worded: 0,
        }
    }

    /// Takes a turn in; how it ended, if it did.
    pub(super) fn hears(&mut self, said: &Said, seen: &Seen) -> Option<End> {
        let replied = reply(seen);
        self.turns += 1;
        self.worded += usize::from(said.by_model);
        self.lines.push(format!("customer: {}", said.text));
        self.lines.push(format!(
            "bot:      {}",
            replied.replace('\n', "\n          ")
        ));
        self.hear_amounts(&said.text, seen);
        self.escalated |= seen
            .session
            .as_ref()
            .is_some_and(|it| it.escalation.is_some());
        self.look_for_inventions(&replied, seen);
        if self.is_content(seen) {
            return Some(End::Reached);
        }
        self.repeated = if replied == self.last {
            self.repeated + 1
        } else {
            1
        };
        let silent = replied.trim().is_empty();
        self.last = replied;
        (silent || self.repeated >= CIRCLES).then_some(End::Stuck)
    }

    pub(super) fn met(self, end: End) -> Met {
        Met {
            persona: self.persona.name.clone(),
            end,
            turns: self.turns,
            worded: self.worded,
            escalated: self.escalated,
            invented: self.invented,
            lines: self.lines,
        }
    }

    fn is_content(&self, seen: &Seen) -> bool {
        let goal = &self.persona.goal;
        let Some(session) = &seen.session else {
            return false;
        };
        let answered = |id: &String| {
            let sources = seen.happenings.iter().filter_map(|it| match it {
                Happening::Answered { sources, .. } => Some(sources),
                _ => None,
            });
            sources
                .flatten()
                .any(|it| matches!(it, Source::Faq(entry) if entry == id))
        };
        goal.stage.iter().all(|stage| *stage == session.stage)
            && goal
                .escalated
                .iter()
                .all(|wanted| *wanted == session.escalation.is_some())
            && goal.answer.iter().all(answered)
            && goal
                .slots
                .iter()
                .all(|slot| session.slots.contains_key(slot))
    }

    /// Amounts that stand in no row, answer, offer or multiple of a price.
    fn look_for_inventions(&mut self, replied: &str, seen: &Seen) {
        for action in &seen.actions {
            match action {
                Action::Offer { items, promotions } => self.offer(items, promotions),
                Action::Upsell {
                    item, promotions, ..
                } => {
                    self.offer(std::slice::from_ref(item), promotions);
                }
                _ => {}
            }
        }
        for claim in find_claims(replied, self.catalog.currency) {
            let ClaimKind::Money { amount, .. } = claim.kind else {
                continue;
            };
            let is_known = amount.is_some_and(|amount| self.is_known(amount));
            if !is_known {
                self.invented.push(claim.text);
            }
        }
    }

    /// An amount that the customer named may be said back.
    fn hear_amounts(&mut self, said: &str, seen: &Seen) {
        let claims = find_claims(said, self.catalog.currency).into_iter();
        let claimed = claims.filter_map(|claim| match claim.kind {
            ClaimKind::Money { amount, .. } => amount,
            _ => None,
        });
        let slots = seen.session.iter().flat_map(|it| it.slots.values());
        let kept = slots.filter_map(|value| match value {
            SlotValue::Money(money) => Some(money.amount),
            _ => None,
        });
        let amounts: Vec<Decimal> = claimed.chain(kept).collect();
        self.offered.extend(amounts.iter().map(Decimal::normalize));
    }

    fn offer(&mut self, items: &[OfferItem], promotions: &[Promotion]) {
        if let Some(lines) = self.catalog.lines(items) {
            let quote = self.catalog.quote_offer(&lines, promotions);
            let amounts = [quote.full.amount, quote.total.amount];
            self.offered.extend(amounts.map(|it| it.normalize()));
        }
    }

    fn is_known(&self, amount: Decimal) -> bool {
        const PIECES: u32 = 200;
        let amount = amount.normalize();
        if self.offered.contains(&amount) || self.facts.states(amount) {
            return true;
        }
        let variants = self.catalog.products.iter().flat_map(|it| &it.variants);
        variants.into_iter().any(|variant| {
            (1..=PIECES).any(|pieces| {
                let quote = self.catalog.quote(variant, pieces);
                let amounts = [quote.full.amount, quote.total.amount];
                amounts.iter().any(|it| it.normalize() == amount)
            })
        })
    }
}
