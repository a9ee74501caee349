//! What the customer said, and what the playbook sees of it: their words, or those that a button or a
//! number speaks for them, understood in the light of the facts of this moment.

use jiff::Timestamp;

use crate::{
    Acquaintance, Action, Address, Audience, Burst, Catalog, ChannelName, Currency, FaqId,
    Happening, InboundEvent, Language, LedgerEvent, Membership, Session, Turn, Understanding,
    answer, asked_back, find, ports::Knowledge,
};

use super::{
    Engine,
    open_turn::{OpenTurn, Said},
};

impl Engine {
    /// The customer's words: written, read out of files, or meant by a button.
    pub(super) fn said(&self, burst: &Burst, read: &[String], session: &mut Session) -> Said {
        let offered = std::mem::take(&mut session.asked_back);
        if let InboundEvent::Pressed { press } = &burst.first().event {
            let words = self.meant_by(press, session);
            return Said::words(&words.unwrap_or_default());
        }
        let said = Said::in_burst(burst, read);
        let chosen = self.chosen(&said, &offered, session.language);
        chosen.unwrap_or(said)
    }

    /// The question that the customer chose, where the last reply asked back.
    fn chosen(&self, said: &Said, offered: &[FaqId], language: Language) -> Option<Said> {
        let chosen = asked_back::chosen(&said.text, offered.len())?;
        let question = self.question_of(offered.get(chosen)?, language)?;
        Some(Said::words(&question))
    }

    /// What the playbook sees.
    pub(super) fn turn_of(
        &self,
        burst: &Burst,
        said: &Said,
        session: &mut Session,
        knowledge: &dyn Knowledge,
    ) -> Turn {
        let now = self.clock.now();
        let previous = Some(session.language);
        let catalog = knowledge.catalog();
        let mut audience = audience(burst, session, (&catalog, now));
        let understanding = knowledge.understand(&said.text, previous, &audience);
        if let Some(currency) = currency_asked_for(&said.text, &understanding, &catalog) {
            session.served_as.currency = Some(currency);
            audience.who.currency = Some(currency);
        }
        if !said.text.is_empty() {
            session.language = understanding.language;
        }
        let offered = knowledge.offered(&audience);
        let facts = (offered.catalog, offered.faq);
        let stage = session.stage.as_str();
        let mut turn = Turn::bare(said.text.as_str(), stage, understanding, now, facts);
        turn.documents = offered.documents;
        turn.audience = audience;
        turn.see(session);
        turn.first_contact = session.turns == 0 || said.start;
        turn.reachable = burst.address().channel != ChannelName::Terminal;
        turn.customer = Acquaintance {
            channel: burst.address().channel,
            since: session.started_at,
            last_said_at: session.last_said_at,
        };
        turn.seed = seed(burst.address(), session.turns);
        turn.turns = session.turns;
        turn
    }

    /// Has the turn's actions carried out at the prices of whom the customer now belongs to, where one
    /// of them says so.
    pub(super) fn offer_anew(&self, actions: &[Action], open: &mut OpenTurn) {
        let turn = &mut open.turn;
        let mut who = turn.audience.who.clone();
        for action in actions {
            if let Action::ServeAs { who: newer } = action {
                who = who.with(newer);
            }
        }
        if who == turn.audience.who {
            return;
        }
        turn.audience.who = who;
        let facts = open.facts.as_deref().unwrap_or(&*self.knowledge);
        let offered = facts.offered(&turn.audience);
        turn.catalog = offered.catalog;
        turn.faq = offered.faq;
        turn.documents = offered.documents;
    }
}

/// Whom a customer belonged to in the end, by what happened since they last began anew.
pub(super) fn was_served_as(ledger: &[LedgerEvent]) -> Membership {
    let began_anew = |event: &&LedgerEvent| matches!(event.what, Happening::Reset);
    let since = ledger.iter().rev().take_while(|it| !began_anew(it));
    let who = since.filter_map(|event| match &event.what {
        Happening::ServedAs { who } => Some(who),
        _ => None,
    });
    // The newest first: what is known already is newer.
    who.fold(Membership::default(), |known, older| older.with(&known))
}

/// That the customer named the currency that they are answered in from now on.
pub(super) fn learned(before: &Membership, session: &Session) -> Option<Happening> {
    let currency = session.served_as.currency;
    let who = Membership {
        currency,
        ..Membership::default()
    };
    (before.currency != currency).then_some(Happening::ServedAs { who })
}

/// Who is served: whom the session says they belong to, or else the group whose member they are.
fn audience(burst: &Burst, session: &Session, (catalog, now): (&Catalog, Timestamp)) -> Audience {
    let mut who = session.served_as.clone();
    let group = who.group.take();
    who.group = group.or_else(|| catalog.group_of(burst.address()));
    Audience {
        who,
        day: catalog.day_of(now),
    }
}

/// The currency that a question about goods names, where something has a price in it. "It weighs 5
/// pounds" names none.
fn currency_asked_for(
    text: &str,
    understanding: &Understanding,
    catalog: &Catalog,
) -> Option<Currency> {
    let [currency] = *find::currencies(text, catalog.currency) else {
        return None;
    };
    // "Others sell it for 80 USD" and "I have 100 USD" ask for no price in it.
    let is_amount = !find::amounts(text, catalog.currency).is_empty();
    let asks = answer::asks_for_goods(understanding.intent) && !is_amount;
    (asks && catalog.has_prices_in(currency)).then_some(currency)
}

/// Where a turn's chance begins: from the address and the number of the turn, so that a turn that
/// is repeated falls out the same, in a test of tomorrow too. FNV-1a.
fn seed(address: &Address, turns: u64) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let text = address.to_string();
    let bytes = text.bytes().chain(turns.to_le_bytes());
    bytes.fold(BASIS, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whom a customer belongs to after this happened.
    #[track_caller]
    fn check(happened: &[Happening], expect: &str) {
        let events = happened.iter().map(|what| LedgerEvent {
            at: Timestamp::UNIX_EPOCH,
            what: what.clone(),
        });
        let events: Vec<LedgerEvent> = events.collect();
        assert_eq!(was_served_as(&events).to_string(), expect);
    }

    #[test]
    fn who_belongs_somewhere_does_until_they_begin_anew() {
        let group = |name: &str| Happening::ServedAs {
            who: Membership {
                group: Some(name.to_owned()),
                ..Membership::default()
            },
        };
        let region = Happening::ServedAs {
            who: Membership {
                region: Some("CH".to_owned()),
                ..Membership::default()
            },
        };
        check(&[], "");
        check(
            &[group("trade"), Happening::Left, region.clone()],
            "group trade, region CH",
        );
        check(
            &[group("trade"), region.clone(), group("staff")],
            "group staff, region CH",
        );
        check(&[group("trade"), Happening::Reset, region], "region CH");
    }
}
