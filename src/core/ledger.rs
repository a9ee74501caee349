//! What happened, as an append-only list. Records (transcripts, figures, profiles) are its
//! projection, so an event says all that they need.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Address, AgentId, Attachment, InboundKey, Language, Membership, Owner, PlaybookVersion,
    Priority, SlotValue, TurnTrace, guard::Evidence,
};

/// One event of one conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Happening {
    /// A turn was answered.
    Answered {
        /// The inbound keys that the turn answers.
        inbound: Vec<InboundKey>,
        /// What the customer said, cleaned.
        said: String,
        /// What the bot replied.
        replied: String,
        /// Where the reply came from, part by part.
        sources: Vec<Source>,
        /// The language of the reply.
        language: Language,
        /// The playbook that decided.
        playbook: PlaybookVersion,
        /// Why it came out so; unknown where an older program answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trace: Option<Box<TurnTrace>>,
    },
    /// The conversation began: the first time, after a reset, or after its session had expired.
    Began {
        /// With which version of the playbook.
        playbook: PlaybookVersion,
        /// In which stage.
        stage: String,
    },
    /// The conversation goes on with another version of the playbook.
    Moved {
        /// The version that it had.
        from: PlaybookVersion,
        /// The version that it has.
        to: PlaybookVersion,
        /// Why.
        why: MoveReason,
    },
    /// The conversation could not be moved to another version, and goes on with its own.
    NotMoved {
        /// The version that it has.
        from: PlaybookVersion,
        /// The version that wanted it.
        to: PlaybookVersion,
        /// What went wrong, with file and line.
        reason: String,
    },
    /// The stage changed.
    StageChanged {
        /// The old stage.
        from: String,
        /// The new stage.
        to: String,
    },
    /// The conversation became a deal: the first time since it began.
    Won {
        /// The stage that the playbook declares as one.
        stage: String,
    },
    /// A slot was set or, with no value, forgotten.
    SlotSet {
        /// The slot.
        slot: String,
        /// The value.
        value: Option<SlotValue>,
    },
    /// A person was called.
    Escalated {
        /// Why.
        reason: String,
        /// How soon somebody is needed.
        #[serde(default)]
        priority: Priority,
        /// Who is needed, where not anybody.
        #[serde(default)]
        team: Option<String>,
    },
    /// The conversation came before people.
    CaseOpened {
        /// At which desk.
        desk: Address,
        /// Where the customer is.
        customer: Address,
    },
    /// Somebody else may speak from now on.
    Owned {
        /// Who.
        owner: Owner,
        /// Which person made it so; nobody where it was the customer or a rule.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AgentId>,
    },
    /// The customer said something while a person had the conversation.
    Heard {
        /// The inbound keys of what was said.
        inbound: Vec<InboundKey>,
        /// What was said, cleaned.
        said: String,
    },
    /// A person said something to the customer.
    AgentSaid {
        /// Who.
        by: AgentId,
        /// What.
        said: String,
    },
    /// A person changed what they had said to the customer, or took it back.
    AgentCorrected {
        /// Who.
        by: AgentId,
        /// What it reads now; nothing where it was taken back.
        said: String,
    },
    /// A person wrote a note that the customer does not see.
    Noted {
        /// Who.
        by: AgentId,
        /// What.
        note: String,
    },
    /// A person said how soon somebody is needed, or who.
    Sorted {
        /// Who said so.
        by: AgentId,
        /// How soon.
        priority: Priority,
        /// Who is needed, where not anybody.
        team: Option<String>,
    },
    /// Somebody who may not do so tried to do something at a desk; nothing came of it.
    Refused {
        /// The platform's id of who tried, with the platform.
        account: String,
    },
    /// The customer was asked whether they mean a value, which the model read in their answer.
    Suggested {
        /// Of which slot.
        slot: String,
        /// The value; the slot holds it once the customer says yes.
        value: SlotValue,
    },
    /// The lead score changed.
    Scored {
        /// By how many points.
        points: i32,
        /// What for.
        reason: String,
    },
    /// A tag was put on the conversation, or taken off.
    Tagged {
        /// The tag.
        tag: String,
        /// On, or off.
        on: bool,
    },
    /// The customer is served as one of a group, in a region, in a currency from now on.
    ServedAs {
        /// What was learned of them.
        who: Membership,
    },
    /// The customer raised an objection.
    Objected {
        /// Which of the declared ones.
        objection: String,
    },
    /// The guard refused a draft.
    GuardRefused {
        /// The refused sentence.
        draft: String,
        /// The claims that trace to nothing, for example `10 EUR`.
        claims: Vec<String>,
    },
    /// The guard let claims of the model through.
    GuardPassed {
        /// Each with what it rests on.
        evidence: Vec<Evidence>,
    },
    /// The model could not answer.
    ModelFailed {
        /// Why, in the port's words.
        reason: String,
    },
    /// The playbook could not run; a reviewed text was given instead.
    PlaybookFailed {
        /// Why, with file and line.
        reason: String,
    },
    /// The customer began anew; the session was forgotten.
    Reset,
    /// The customer changed a message that was answered already.
    Edited {
        /// The new text, cleaned.
        text: String,
    },
    /// The customer sent files or places.
    Attached {
        /// What hung on the messages.
        attachments: Vec<Attachment>,
    },
    /// A follow-up was said.
    FollowedUp {
        /// What was said.
        text: String,
    },
    /// A reminder was said.
    Reminded {
        /// What was said.
        text: String,
    },
    /// The customer wants no follow-ups.
    FollowUpsDeclined,
    /// The customer blocked the bot or left.
    Left,
}

/// Why a conversation goes on with another version of the playbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveReason {
    /// The other version's `migrate` took it over.
    Migrated,
    /// Its own version was recalled.
    Recalled,
    /// Its own version is not kept, or no longer runs.
    Gone,
}

/// Where a part of a reply came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "source", content = "of")]
pub enum Source {
    /// The product's own wording (help, disclosure, apology).
    Wording(String),
    /// A text of the playbook.
    Playbook,
    /// A catalogue row, by product key.
    Catalog(String),
    /// An FAQ entry, by key.
    Faq(String),
    /// A passage of a document, by the document's key.
    Document(String),
    /// The language model, under the guard.
    Model,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChannelName, Content, FileKind, Media, guard::Basis};

    fn attachments() -> Vec<Attachment> {
        let kept = Media {
            hash: "ab".repeat(32).as_str().into(),
            bytes: 12,
            media_type: "audio/ogg".to_owned(),
        };
        let contents = [
            Content::Kept(kept),
            Content::TooLarge { limit_bytes: 9 },
            Content::WrongType,
            Content::NotReceived,
            Content::NoRoom,
        ];
        let kinds = [
            FileKind::Voice,
            FileKind::Video,
            FileKind::Picture,
            FileKind::File,
            FileKind::File,
        ];
        let files = kinds.into_iter().zip(contents);
        let files = files.map(|(what, content)| Attachment::File {
            what,
            name: Some("n".to_owned()),
            content,
        });
        let place = Attachment::Location {
            latitude_microdegrees: 1,
            longitude_microdegrees: -2,
        };
        files.chain([place]).collect()
    }

    fn answered() -> Happening {
        Happening::Answered {
            inbound: vec!["k1".into()],
            said: "hi".to_owned(),
            replied: "你好".to_owned(),
            sources: vec![
                Source::Wording("help".to_owned()),
                Source::Playbook,
                Source::Catalog("desk-lamp".to_owned()),
                Source::Faq("delivery".to_owned()),
                Source::Model,
            ],
            language: Language::EN,
            playbook: PlaybookVersion::from("0123456789abcdef"),
            trace: Some(Box::default()),
        }
    }

    /// What happens between a conversation and the versions of its playbook.
    fn of_versions() -> [Happening; 5] {
        let version = || PlaybookVersion::from("0123456789abcdef");
        let moved = |why| Happening::Moved {
            from: version(),
            to: version(),
            why,
        };
        [
            Happening::Began {
                playbook: version(),
                stage: "x".to_owned(),
            },
            moved(MoveReason::Migrated),
            moved(MoveReason::Recalled),
            moved(MoveReason::Gone),
            Happening::NotMoved {
                from: version(),
                to: version(),
                reason: "x".to_owned(),
            },
        ]
    }

    /// What happens where people answer.
    fn of_people() -> [Happening; 9] {
        let text = || "x".to_owned();
        [
            Happening::Escalated {
                reason: text(),
                priority: Priority::Urgent,
                team: Some(text()),
            },
            Happening::CaseOpened {
                desk: Address::new(ChannelName::Telegram, "-100"),
                customer: Address::new(ChannelName::Discord, "7"),
            },
            Happening::Owned {
                owner: Owner::Agent {
                    agent: "mia".into(),
                    since: Timestamp::UNIX_EPOCH,
                },
                by: Some("mia".into()),
            },
            Happening::Heard {
                inbound: vec!["k2".into()],
                said: text(),
            },
            Happening::AgentCorrected {
                by: "mia".into(),
                said: text(),
            },
            Happening::AgentSaid {
                by: "mia".into(),
                said: text(),
            },
            Happening::Noted {
                by: "mia".into(),
                note: text(),
            },
            Happening::Sorted {
                by: "mia".into(),
                priority: Priority::High,
                team: Some(text()),
            },
            Happening::Refused {
                account: "telegram:9".to_owned(),
            },
        ]
    }

    fn passed() -> Happening {
        let evidence = [
            Basis::Fact(Source::Faq("x".to_owned())),
            Basis::Prices,
            Basis::Rules,
            Basis::Company,
            Basis::Computed,
            Basis::Stock,
            Basis::Customer,
        ]
        .map(|rests_on| Evidence {
            claim: "x".to_owned(),
            rests_on,
        });
        Happening::GuardPassed {
            evidence: evidence.into(),
        }
    }

    #[test]
    fn a_document_is_stored_as_a_source_of_its_own() {
        let source = Source::Document("shipping/returns.md".to_owned());
        let stored = serde_json::to_string(&source).unwrap();
        assert_eq!(
            stored,
            r#"{"source":"document","of":"shipping/returns.md"}"#
        );
        assert_eq!(serde_json::from_str::<Source>(&stored).unwrap(), source);
    }

    #[test]
    fn the_stored_form_of_every_event_is_a_decision() {
        let text = || "x".to_owned();
        let others = [
            Happening::StageChanged {
                from: text(),
                to: text(),
            },
            Happening::Won { stage: text() },
            Happening::SlotSet {
                slot: text(),
                value: Some(SlotValue::Flag(true)),
            },
            Happening::SlotSet {
                slot: text(),
                value: None,
            },
            Happening::Suggested {
                slot: text(),
                value: SlotValue::Number(12.into()),
            },
            Happening::Scored {
                points: -5,
                reason: text(),
            },
            Happening::Tagged {
                tag: text(),
                on: true,
            },
            Happening::ServedAs {
                who: Membership {
                    group: Some("wholesale".into()),
                    ..Membership::default()
                },
            },
            Happening::Objected { objection: text() },
            Happening::GuardRefused {
                draft: text(),
                claims: vec![text()],
            },
            passed(),
            Happening::ModelFailed { reason: text() },
            Happening::PlaybookFailed { reason: text() },
            Happening::Reset,
            Happening::Edited { text: text() },
            Happening::Attached {
                attachments: attachments(),
            },
            Happening::FollowedUp { text: text() },
            Happening::Reminded { text: text() },
            Happening::FollowUpsDeclined,
            Happening::Left,
        ];
        let at = Timestamp::UNIX_EPOCH;
        let all = [answered()].into_iter().chain(of_versions());
        let all = all.chain(others).chain(of_people());
        let all: Vec<_> = all.map(|what| LedgerEvent { at, what }).collect();
        insta::assert_json_snapshot!(all);
    }
}
