//! What a simulated customer says next, from what was said to it.

use std::sync::Arc;

use consultant_core::{Action, extract::ClaimKind, extract::find_claims, ports::LanguageModel};
use rust_decimal::Decimal;

use super::{
    super::{check::reply, house::Seen},
    dice::Dice,
    judge::End,
    persona::Persona,
    voice::{Said, Voice},
};

/// A simulated customer in the middle of a conversation.
pub(super) struct Customer<'a> {
    persona: &'a Persona,
    dice: Dice,
    voice: Voice<'a>,
    written: u32,
    asked: usize,
    refused: bool,
    left: Option<End>,
}

/// What is said where nothing else fits.
const ANYTHING: &str = "yes";

impl<'a> Customer<'a> {
    /// The one of this number, which chance makes of the seed.
    pub(super) fn new(
        persona: &'a Persona,
        (number, seed): (u32, u64),
        model: Option<Arc<dyn LanguageModel>>,
    ) -> Self {
        Self {
            persona,
            dice: Dice::new(seed, &persona.name, number),
            voice: Voice::new(persona, (number, seed), model),
            written: 0,
            asked: 0,
            refused: false,
            left: None,
        }
    }

    /// Why it left, once it says nothing more.
    pub(super) fn left(&self) -> Option<End> {
        self.left
    }

    /// What it says next; `None` when it leaves.
    pub(super) async fn says(&mut self, seen: &Seen) -> Option<Said> {
        if self.written >= self.persona.patience {
            self.left = Some(End::GaveUp);
            return None;
        }
        let meant = self.means(seen)?;
        self.written += 1;
        let mut said = self.voice.says(meant, &reply(seen)).await;
        said.text = self.with_typo(said.text);
        Some(said)
    }

    fn means(&mut self, seen: &Seen) -> Option<String> {
        if self.written == 0 {
            return self.dice.pick(&self.persona.opens).cloned();
        }
        if is_offered(seen) {
            return self.when_offered(seen);
        }
        let awaiting = seen.session.as_ref().and_then(|it| it.awaiting.as_deref());
        if let Some(slot) = awaiting.filter(|slot| self.persona.answers.contains_key(*slot)) {
            return self.dice.pick(&self.persona.answers[slot]).cloned();
        }
        if let Some(question) = self.persona.asks.get(self.asked) {
            self.asked += 1;
            return Some(question.clone());
        }
        let other = self.persona.answers.get("other");
        let other = other.and_then(|list| self.dice.pick(list));
        Some(other.map_or_else(|| ANYTHING.to_owned(), Clone::clone))
    }

    /// Too dear is told once, and then it leaves.
    fn when_offered(&mut self, seen: &Seen) -> Option<String> {
        let price = price_of_offer(seen);
        let too_dear = self
            .persona
            .budget
            .zip(price)
            .is_some_and(|(has, asked)| asked > has);
        if too_dear && self.refused {
            self.left = Some(End::TooDear);
            return None;
        }
        let objects = self.persona.objects.as_ref();
        if let Some(objects) = objects.filter(|it| self.dice.chance(it.percent)) {
            return self.dice.pick(&objects.says).cloned();
        }
        if too_dear {
            self.refused = true;
            return Some("no".to_owned());
        }
        let buys = self.dice.pick(&self.persona.buys);
        Some(buys.map_or_else(|| ANYTHING.to_owned(), Clone::clone))
    }

    /// Two letters in the middle of a word change places.
    fn with_typo(&mut self, text: String) -> String {
        if !self.dice.chance(self.persona.typos) {
            return text;
        }
        let mut letters: Vec<char> = text.chars().collect();
        let inside = |at: &usize| {
            let window = letters.get(at.saturating_sub(1)..at + 3);
            window.is_some_and(|it| it.iter().all(char::is_ascii_alphabetic))
        };
        let places: Vec<usize> = (1..letters.len()).filter(inside).collect();
        let at = self.dice.below(places.len());
        if let Some(at) = places.get(at) {
            letters.swap(*at, at + 1);
        }
        letters.into_iter().collect()
    }
}

fn is_offered(seen: &Seen) -> bool {
    let offer = |action: &Action| matches!(action, Action::Offer { .. });
    seen.actions.iter().any(offer)
}

/// What the last offer comes to, as its card says.
fn price_of_offer(seen: &Seen) -> Option<Decimal> {
    let cards = seen.replies.iter().filter_map(|reply| reply.card.as_ref());
    let price = cards.filter_map(|card| card.price.as_ref()).next_back()?;
    let claims = find_claims(price, consultant_core::Currency::EUR);
    claims.into_iter().find_map(|claim| match claim.kind {
        ClaimKind::Money { amount, .. } => amount,
        _ => None,
    })
}
