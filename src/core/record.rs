//! All that a store keeps of one conversation, as one value: what backups hold, what moves between
//! stores, and what a customer is handed who asks for it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Address, ConversationId, Inbound, InboundKey, LedgerEvent, OutboxEntry, Session, Timer,
    ports::DeadLetter,
};

/// The format that this build writes.
pub const RECORD_FORMAT: u16 = 1;

/// All that a store keeps of one conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationRecord {
    /// The shape of this record; see [`RECORD_FORMAT`].
    pub format: u16,
    /// Which conversation.
    pub conversation: ConversationId,
    /// Of its session, also when that has expired.
    pub version: u64,
    /// The highest place in its order that was given out.
    pub sequence: u64,
    /// Where it takes place.
    pub addresses: Vec<Address>,
    /// Its live state, if it has not expired.
    pub session: Option<KeptSession>,
    /// Every inbound key that is remembered, with its inbound while that is unanswered.
    pub inbox: Vec<KeptInbound>,
    /// Inbounds whose turns failed too often.
    pub dead_letters: Vec<DeadLetter>,
    /// Entries that are remembered.
    pub outbox: Vec<KeptEntry>,
    /// Timers that have not fired.
    pub timers: Vec<Timer>,
    /// What happened, oldest first.
    pub ledger: Vec<LedgerEvent>,
}

/// A session with the moment from which it no longer counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSession {
    /// The session.
    pub session: Session,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// A remembered inbound key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptInbound {
    /// The key.
    pub key: InboundKey,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// The inbound with its place in the order, while it is unanswered.
    pub waiting: Option<WaitingInbound>,
}

/// An unanswered inbound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingInbound {
    /// Its place in the conversation's order.
    pub sequence: u64,
    /// Turns that failed.
    pub failures: u32,
    /// The inbound.
    pub inbound: Inbound,
}

/// A remembered outbox entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptEntry {
    /// The entry.
    pub entry: OutboxEntry,
    /// When it was delivered or given up, if it was.
    pub ended_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        Button, Card, ChannelName, Envelope, Happening, InboundEvent, Language, OutboxState,
        PlaybookVersion, Press, Purpose, Receipt, Shown,
    };

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const ANN: ConversationId = ConversationId(Uuid::nil());

    fn address() -> Address {
        Address::new(ChannelName::Telegram, "7")
    }

    fn inbound(key: &str) -> Inbound {
        Inbound::new(key, address(), NOW, InboundEvent::says("hi"))
    }

    fn letter() -> DeadLetter {
        DeadLetter {
            envelope: Envelope {
                conversation: ANN,
                sequence: 2,
                inbound: inbound("k2"),
            },
            reason: "the model failed".to_owned(),
            failures: 5,
            buried_at: NOW,
        }
    }

    fn entry(state: OutboxState) -> OutboxEntry {
        let card = Card {
            title: "Halo".to_owned(),
            price: Some("49.90 EUR".to_owned()),
            picture_url: Some("https://example.org/halo.jpg".to_owned()),
            buttons: vec![Button {
                label: "Buy".to_owned(),
                press: Press::Order("halo".into(), None),
            }],
        };
        OutboxEntry {
            id: "k1/0".into(),
            conversation: ANN,
            address: address(),
            sequence: 1,
            text: "**Halo**".to_owned(),
            card: Some(card),
            reply_to: Some("9".into()),
            state,
            shown: vec![Shown {
                receipt: Receipt("12".to_owned()),
                text: "Halo".to_owned(),
                carded: true,
            }],
            relayed: None,
        }
    }

    fn timer() -> Timer {
        Timer {
            id: "follow-up".into(),
            conversation: ANN,
            address: address(),
            set_at: NOW,
            due: NOW,
            purpose: Purpose::FollowUp {
                text: "still there?".to_owned(),
            },
        }
    }

    #[test]
    fn the_stored_form_of_a_whole_conversation_is_a_decision() {
        let session = Session::new(NOW, Language::EN, "greet", PlaybookVersion::from("0"));
        let waiting = WaitingInbound {
            sequence: 1,
            failures: 1,
            inbound: inbound("k1"),
        };
        let states = [
            OutboxState::Open,
            OutboxState::Ready,
            OutboxState::Delivered,
            OutboxState::Undeliverable,
        ];
        let outbox = states.map(|state| KeptEntry {
            entry: entry(state),
            ended_at: Some(NOW),
        });
        let record = ConversationRecord {
            format: RECORD_FORMAT,
            conversation: ANN,
            version: 3,
            sequence: 2,
            addresses: vec![address()],
            session: Some(KeptSession {
                session,
                expires_at: NOW,
            }),
            inbox: vec![KeptInbound {
                key: "k1".into(),
                accepted_at: NOW,
                waiting: Some(waiting),
            }],
            dead_letters: vec![letter()],
            outbox: outbox.into(),
            timers: vec![timer()],
            ledger: vec![LedgerEvent {
                at: NOW,
                what: Happening::Reset,
            }],
        };
        insta::assert_json_snapshot!(record);
    }
}
