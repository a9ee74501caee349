//! Whether what was seen is what was expected; and if not, what to show for it.

use consultant_core::{
    Action, Currency, Happening, Language, OfferItem,
    extract::{ClaimKind, find_claims},
};
use rust_decimal::Decimal;

use super::{
    case::{Amount, Detailed, Escalated, Expect, Offer},
    house::Seen,
};

/// One thing that came out otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Miss {
    /// Of what.
    pub(super) what: &'static str,
    pub(super) wanted: String,
    pub(super) got: String,
}

/// Everything that came out otherwise.
/// `home` is the currency of amounts that name none.
pub(super) fn check(expect: &Expect, seen: &Seen, home: Currency) -> Vec<Miss> {
    let mut misses = Misses::default();
    let reply = reply(seen);
    misses.of_the_model(seen);
    misses.of_the_playbook(seen);
    if let Some(words) = &expect.reply {
        misses.of_the_words("the reply", &words.0, &reply);
    }
    if let Some(silence) = expect.silence {
        let is_silent = seen.replies.is_empty();
        let wanted = if silence { "silence" } else { "a reply" };
        misses.unless(is_silent == silence, "the reply", wanted, || reply.clone());
    }
    if let Some(prices) = &expect.prices {
        misses.of_the_prices(prices, &reply, home);
    }
    if let Some(actions) = &expect.actions {
        let got: Vec<&str> = seen.actions.iter().map(Action::name).collect();
        let is_so = *actions == got;
        misses.unless(is_so, "the actions", &actions.join(", "), || got.join(", "));
    }
    if let Some(offer) = &expect.offer {
        misses.of_the_offer(offer, seen);
    }
    if let Some(escalated) = &expect.escalated {
        misses.of_the_escalation(escalated, seen);
    }
    misses.of_the_session(expect, seen);
    misses.all()
}

/// All that was said, as the customer reads it.
pub(super) fn reply(seen: &Seen) -> String {
    let texts: Vec<&str> = seen.replies.iter().map(|it| it.text.as_str()).collect();
    texts.join("\n")
}

/// What came out otherwise so far.
#[derive(Default)]
pub(super) struct Misses(Vec<Miss>);

impl Misses {
    pub(super) fn all(self) -> Vec<Miss> {
        self.0
    }

    pub(super) fn unless(
        &mut self,
        is_so: bool,
        what: &'static str,
        wanted: &str,
        got: impl FnOnce() -> String,
    ) {
        if !is_so {
            self.0.push(Miss {
                what,
                wanted: wanted.to_owned(),
                got: got(),
            });
        }
    }

    fn of_the_model(&mut self, seen: &Seen) {
        let wanted = "no question to it, or one more text in `model`";
        let is_so = seen.asked_in_vain == 0;
        self.unless(is_so, "the model", wanted, || "it was asked".to_owned());
    }

    /// A script that fails is told even where nobody expects anything: its customer was answered
    /// without it.
    fn of_the_playbook(&mut self, seen: &Seen) {
        for happening in &seen.happenings {
            if let Happening::PlaybookFailed { reason } = happening {
                self.unless(false, "the playbook", "actions", || reason.clone());
            }
        }
    }

    pub(super) fn of_the_words(&mut self, what: &'static str, words: &Detailed, got: &str) {
        if let Some(whole) = &words.is {
            self.unless(got == whole, what, whole, || got.to_owned());
        }
        for part in &words.contains {
            let wanted = format!("something with {part:?}");
            let has = got.contains(part.as_str());
            self.unless(has, what, &wanted, || got.to_owned());
        }
        for pattern in &words.matches {
            let wanted = format!("something that fits /{pattern}/");
            let fits = pattern.is_match(got);
            self.unless(fits, what, &wanted, || got.to_owned());
        }
        for part in &words.lacks {
            let wanted = format!("nothing with {part:?}");
            let lacks = !got.contains(part.as_str());
            self.unless(lacks, what, &wanted, || got.to_owned());
        }
    }

    /// Amounts are compared as numbers: `49.9` is `49.90`.
    fn of_the_prices(&mut self, prices: &[Amount], reply: &str, home: Currency) {
        let known: Vec<Decimal> = prices.iter().map(|price| price.0).collect();
        for claim in find_claims(reply, home) {
            let ClaimKind::Money { amount, .. } = claim.kind else {
                continue;
            };
            let is_known = amount.is_some_and(|amount| known.contains(&amount));
            let wanted = format!("none but {}", list(prices));
            self.unless(is_known, "the prices", &wanted, || claim.text.clone());
        }
    }

    fn of_the_offer(&mut self, offer: &Offer, seen: &Seen) {
        let found = seen.actions.iter().find_map(|action| match action {
            Action::Offer { items, .. } => Some(items),
            _ => None,
        });
        let wanted = |item: &&OfferItem| {
            let mut product = offer.product.iter();
            product.all(|wanted| wanted == item.product.as_str())
        };
        let found = found.and_then(|items| items.iter().find(wanted).or_else(|| items.first()));
        let Some(item) = found else {
            return self.unless(false, "the offer", "one", || "none".to_owned());
        };
        let (product, variant, quantity) = (&item.product, &item.variant, &item.quantity);
        if let Some(wanted) = &offer.product {
            let is_so = wanted == product.as_str();
            self.unless(is_so, "the offer's product", wanted, || product.to_string());
        }
        if let Some(wanted) = &offer.variant {
            let got = variant.as_ref().map_or("none", |it| it.as_str());
            self.unless(wanted == got, "the offer's variant", wanted, || {
                got.to_owned()
            });
        }
        if let Some(wanted) = &offer.quantity {
            let is_so = wanted == quantity;
            let wanted = wanted.to_string();
            self.unless(is_so, "the offer's quantity", &wanted, || {
                quantity.to_string()
            });
        }
        if let Some(wanted) = &offer.price {
            let cards = seen.replies.iter().filter_map(|it| it.card.as_ref());
            let got = cards.filter_map(|card| card.price.clone()).next_back();
            let got = got.unwrap_or_else(|| "none".to_owned());
            self.unless(*wanted == got, "the offer's price", wanted, || got.clone());
        }
    }

    fn of_the_escalation(&mut self, escalated: &Escalated, seen: &Seen) {
        let reason = seen.session.as_ref().and_then(|it| it.escalation.as_ref());
        let reason = reason.map(|it| it.reason.as_str());
        let got = || reason.map_or_else(|| "no".to_owned(), |it| format!("yes: {it}"));
        let (is_so, wanted) = match escalated {
            Escalated::Whether(wanted) => {
                let words = if *wanted { "yes" } else { "no" };
                (reason.is_some() == *wanted, words.to_owned())
            }
            Escalated::Because(part) => {
                let is_so = reason.is_some_and(|it| it.contains(part.as_str()));
                (is_so, format!("yes, because of {part:?}"))
            }
        };
        self.unless(is_so, "a person is called", &wanted, got);
    }

    fn of_the_session(&mut self, expect: &Expect, seen: &Seen) {
        let session = seen.session.as_ref();
        let nobody = || "there is no session".to_owned();
        if let Some(wanted) = &expect.stage {
            let got = session.map(|it| it.stage.clone());
            let is_so = got.as_ref() == Some(wanted);
            self.unless(is_so, "the stage", wanted, || got.unwrap_or_else(nobody));
        }
        if let Some(wanted) = &expect.language {
            let got = session.map(|it| it.language);
            let is_so = got.is_some() && got == wanted.parse::<Language>().ok();
            let got = || got.map_or_else(nobody, |it| it.to_string());
            self.unless(is_so, "the language", wanted, got);
        }
        for (slot, wanted) in &expect.slots {
            let got = session.and_then(|it| it.slots.get(slot));
            let wanted = scalar(wanted);
            let got = got.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            let is_so = wanted == got;
            let wanted = format!("{slot}: {wanted}");
            self.unless(is_so, "what is remembered", &wanted, || {
                format!("{slot}: {got}")
            });
        }
    }
}

/// A value as it is compared with a slot's: numbers without needless zeros.
fn scalar(value: &serde_yaml::Value) -> String {
    match value {
        serde_yaml::Value::Null => "nothing".to_owned(),
        serde_yaml::Value::Bool(flag) => flag.to_string(),
        serde_yaml::Value::String(text) => text.clone(),
        other => match Amount::of(other) {
            Some(number) => number.0.normalize().to_string(),
            None => format!("{other:?}"),
        },
    }
}

fn list(prices: &[Amount]) -> String {
    let prices: Vec<String> = prices.iter().map(|price| price.0.to_string()).collect();
    prices.join(", ")
}

#[cfg(test)]
mod tests {
    use consultant_core::{Address, ChannelName, ConversationId, OutboxEntry, OutboxState};
    use uuid::Uuid;

    use super::*;

    fn saying(text: &str) -> Seen {
        Seen {
            replies: vec![OutboxEntry {
                id: "test:1/reply".into(),
                conversation: ConversationId(Uuid::nil()),
                address: Address::new(ChannelName::Telegram, "1"),
                sequence: 1,
                text: text.to_owned(),
                card: None,
                reply_to: None,
                state: OutboxState::Ready,
                shown: Vec::new(),
                relayed: None,
            }],
            ..Seen::default()
        }
    }

    /// What comes out otherwise, by what it is about.
    #[track_caller]
    fn check_misses(expect: &str, seen: &Seen, misses: &[&str]) {
        let expect: Expect = serde_yaml::from_str(expect).unwrap();
        let found: Vec<&str> = check(&expect, seen, Currency::EUR)
            .iter()
            .map(|it| it.what)
            .collect();
        assert_eq!(found, misses, "{expect:?}");
    }

    #[test]
    fn words_and_prices_are_judged_as_a_reader_does() {
        let seen = saying("The lamp costs 49.90 EUR.");
        check_misses("reply: lamp", &seen, &[]);
        check_misses("reply: [lamp, 49.90 EUR]", &seen, &[]);
        check_misses("reply: desk", &seen, &["the reply"]);
        check_misses("reply: {lacks: lamp}", &seen, &["the reply"]);
        check_misses("reply: {matches: 'lamp.* [0-9]+[.]90 EUR'}", &seen, &[]);
        check_misses("reply: {matches: [lamp, '^costs']}", &seen, &["the reply"]);
        check_misses("reply: {is: The lamp costs 49.90 EUR.}", &seen, &[]);
        check_misses("prices: [49.9]", &seen, &[]);
        check_misses("prices: ['49.90 EUR', 12]", &seen, &[]);
        check_misses("prices: []", &seen, &["the prices"]);
        check_misses("silence: true", &seen, &["the reply"]);
        check_misses("silence: true", &Seen::default(), &[]);
    }

    #[test]
    fn what_nobody_expects_is_told_where_it_is_a_defect() {
        let failed = Seen {
            happenings: vec![Happening::PlaybookFailed {
                reason: "a.rhai:3: no".to_owned(),
            }],
            asked_in_vain: 1,
            ..Seen::default()
        };
        check_misses("{}", &failed, &["the model", "the playbook"]);
    }

    #[test]
    fn slots_stage_and_escalation_need_a_session() {
        let none = Seen::default();
        check_misses("stage: offer", &none, &["the stage"]);
        check_misses("language: klingon", &none, &["the language"]);
        check_misses("escalated: false", &none, &[]);
        check_misses("escalated: asked", &none, &["a person is called"]);
        check_misses("slots: {quantity: 2}", &none, &["what is remembered"]);
        check_misses("slots: {quantity: null}", &none, &[]);
        check_misses("offer: {quantity: 2}", &none, &["the offer"]);
    }
}
