//! What the customer said, and what the playbook sees of it: their words, or those that a button or a
//! number speaks for them, understood in the light of the facts of this moment.

use crate::{
    Acquaintance, Address, Audience, Burst, ChannelName, FaqId, InboundEvent, Language, Session,
    Turn, asked_back,
};

use super::{Engine, open_turn::Said};

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
    pub(super) fn turn_of(&self, burst: &Burst, said: &Said, session: &mut Session) -> Turn {
        let now = self.clock.now();
        let previous = Some(session.language);
        let held = self.knowledge.now();
        let knowledge = held.as_deref().unwrap_or(&*self.knowledge);
        let audience = Audience {
            who: session.served_as.clone(),
            day: knowledge.catalog().day_of(now),
        };
        let understanding = knowledge.understand(&said.text, previous, &audience);
        if !said.text.is_empty() {
            session.language = understanding.language;
        }
        let offered = knowledge.offered(&audience);
        let facts = (offered.catalog, offered.faq);
        let stage = session.stage.as_str();
        let mut turn = Turn::bare(said.text.as_str(), stage, understanding, now, facts);
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
