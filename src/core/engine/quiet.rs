//! What happens without a question: a follow-up whose time has come, an edit of an answered
//! message, a customer who left. Much of it needs no answer at all.

use std::time::Duration;

use crate::{
    Burst, Button, Card, Happening, InboundEvent, Line, OutboxEntry, Press, ProductId, Purpose,
    Session, Source, Speaker, Timer, TimerChange, TimerId, VariantId,
    clean::clean_customer_text,
    compose::Draft,
    ports::{Commit, SessionChange, StoreError},
    wording,
};

use super::{Engine, OpenTurn, TurnEnd, TurnReport};

/// What is written where nothing is said.
pub(super) struct Silent {
    happenings: Vec<Happening>,
    edit: Option<String>,
    gone: bool,
}

impl Silent {
    fn noting(happenings: Vec<Happening>) -> Self {
        Self {
            happenings,
            edit: None,
            gone: false,
        }
    }
}

impl Engine {
    /// Marks a burst as done without a word.
    pub(super) async fn commit_silently(
        &self,
        open: OpenTurn,
        silent: Silent,
    ) -> Result<TurnEnd, StoreError> {
        let mut session = open.session;
        let mut timers = Vec::new();
        if silent.gone {
            timers.push(TimerChange::CancelAll);
            session.follow_up_pending = false;
        }
        if silent.edit.is_some() {
            session.edit_offered = silent.edit;
        }
        let known = session.turns > 0;
        let commit = Commit {
            session: if known {
                SessionChange::Put(Box::new(session))
            } else {
                SessionChange::Keep
            },
            ledger: self.at_this_time(silent.happenings),
            timers,
            answered: open.answers,
            ..Commit::of(open.entry.conversation, open.version)
        };
        self.store.commit(commit).await?;
        Ok(TurnEnd::Answered(TurnReport::default()))
    }

    /// What pressing a button says for the customer; `None` for a button of another time.
    pub(super) fn meant_by(&self, press: &str, session: &mut Session) -> Option<String> {
        let language = session.language;
        match press.parse().ok()? {
            Press::Order(product, variant) => self
                .named(&product, variant.as_ref(), session)
                .map(|name| wording::wants_to_order(language, &name)),
            Press::Details(product) => self
                .named(&product, None, session)
                .map(|name| wording::wants_details(language, &name)),
            Press::Person => Some(wording::wants_a_person(language).to_owned()),
            Press::AnswerEdit => session.edit_offered.take(),
        }
    }

    fn named(
        &self,
        product: &ProductId,
        variant: Option<&VariantId>,
        session: &Session,
    ) -> Option<String> {
        let catalog = self.knowledge.catalog();
        let product = catalog.product(product)?;
        match variant {
            None => Some(product.name.get(session.language).to_owned()),
            Some(variant) => {
                let variant = product.variant(variant)?;
                Some(wording::full_name(session.language, product, variant))
            }
        }
    }
}

/// What is written where this burst needs no answer; `None` where it does.
pub(super) fn silently(burst: &Burst, open: &OpenTurn) -> Option<Silent> {
    let session = &open.session;
    match &burst.first().event {
        InboundEvent::Left => Some(Silent {
            gone: true,
            ..Silent::noting(vec![Happening::Left])
        }),
        InboundEvent::Fired { set_at, .. } => {
            let spoke_since = session.last_said_at.is_some_and(|said| said > *set_at);
            let unwanted = session.follow_ups_declined || session.escalation.is_some();
            (spoke_since || unwanted).then(|| Silent::noting(Vec::new()))
        }
        InboundEvent::Edited { text } => silent_edit(text, session),
        InboundEvent::Message { .. } => late_part(burst, session),
        _ => None,
    }
}

/// An edit that changes no words (a link's preview, a mark of formatting), or the next one after
/// an offer that still stands.
fn silent_edit(text: &str, session: &Session) -> Option<Silent> {
    let text = clean_customer_text(text).text;
    let said = |line: &Line| {
        let is_said = line.text.lines().any(|said| said == text) || line.text == text;
        is_said && line.speaker == Speaker::Customer
    };
    if text.is_empty() || session.history.iter().any(said) {
        return Some(Silent::noting(Vec::new()));
    }
    let offered = session.edit_offered.is_some();
    offered.then(|| Silent {
        edit: Some(text.clone()),
        ..Silent::noting(vec![Happening::Edited { text }])
    })
}

/// A part of an album that came when the album was answered already.
fn late_part(burst: &Burst, session: &Session) -> Option<Silent> {
    let late = |album: &Option<String>| album.is_some() && *album == session.album;
    let wordless = burst.text().is_empty();
    let all_late = burst.inbounds().all(|inbound| late(&inbound.album));
    (wordless && all_late).then(|| {
        let attachments = burst.attachments().into_iter().cloned().collect();
        Silent::noting(vec![Happening::Attached { attachments }])
    })
}

/// Offers to answer an answered message anew, as it was edited.
pub(super) fn offer_correction(text: &str, open: &mut OpenTurn, draft: &mut Draft) {
    let language = open.session.language;
    let text = clean_customer_text(text).text;
    draft
        .happenings
        .push(Happening::Edited { text: text.clone() });
    open.session.edit_offered = Some(text);
    draft.word("edit_noticed", wording::edit_noticed(language));
    draft.card = Some(Card {
        title: String::new(),
        price: None,
        picture_url: None,
        buttons: vec![Button {
            label: wording::answer_the_edit(language).to_owned(),
            press: Press::AnswerEdit,
        }],
    });
}

/// Says what a playbook wanted to be said if the customer fell silent.
pub(super) fn follow_up(text: &str, open: &mut OpenTurn, draft: &mut Draft) {
    let text = text.to_owned();
    draft.say(text.clone(), Source::Playbook);
    let language = open.session.language;
    draft.word("how_to_decline", wording::how_to_decline(language));
    draft.happenings.push(Happening::FollowedUp { text });
}

/// The timer of a follow-up. A conversation has one at a time.
pub(super) fn follow_up_timer(after_minutes: u32, text: String, open: &OpenTurn) -> Timer {
    let OutboxEntry {
        conversation,
        address,
        ..
    } = &open.entry;
    let now = open.turn.now;
    let after = Duration::from_mins(u64::from(after_minutes));
    Timer {
        id: TimerId::from("follow-up"),
        conversation: *conversation,
        address: address.clone(),
        set_at: now,
        due: now.saturating_add(after).unwrap_or(now),
        purpose: Purpose::FollowUp { text },
    }
}

/// What a turn does to timers: whatever the customer says takes an earlier follow-up back.
pub(super) fn timers(set: Vec<TimerChange>, session: &mut Session) -> Vec<TimerChange> {
    let set = if session.follow_ups_declined {
        Vec::new()
    } else {
        set
    };
    let mut changes = Vec::new();
    if session.follow_up_pending && set.is_empty() {
        changes.push(TimerChange::CancelAll);
    }
    session.follow_up_pending = !set.is_empty();
    changes.extend(set);
    changes
}
