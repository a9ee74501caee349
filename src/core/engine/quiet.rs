//! What happens without a question: a follow-up whose time has come, an edit of an answered
//! message, a customer who left. Much of it needs no answer at all.

use std::time::Duration;

use crate::{
    Burst, Button, Card, FaqId, Happening, InboundEvent, Language, Line, OutboxEntry, OwnerStep,
    Press, ProductId, Purpose, Session, Source, Speaker, Timer, TimerChange, VariantId, asked_back,
    clean::clean_customer_text,
    compose::Draft,
    ports::{Commit, Outlet, SessionChange, StoreError},
    wording,
};

use super::{
    Engine, OpenTurn, TurnEnd, TurnReport, deliver, desk::erasing::no_timers_but_erasure,
    open_turn, people,
};

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
        burst: &Burst,
        mut open: OpenTurn,
        (silent, outlet): (Silent, &dyn Outlet),
    ) -> Result<TurnEnd, StoreError> {
        let mut session = open.session;
        let concerns = session.owner.concerns_people();
        let case = session.case.as_ref().filter(|_| concerns);
        let language = self.settings.language;
        let outbox = case.map(|case| people::copies(burst, "", &case.desk, language));
        let outbox = outbox.unwrap_or_default();
        if silent.gone {
            // Nobody waits any more; whoever comes back is the bot's.
            let gone = (OwnerStep::NobodyCame, None);
            people::step(&mut session, &mut open.happenings, gone, open.turn.now);
        }
        let mut timers = Vec::new();
        if silent.gone {
            let case = session.case.as_deref();
            timers.extend(no_timers_but_erasure(burst.conversation(), case));
            session.follow_up_pending = false;
        }
        if silent.edit.is_some() {
            session.edit_offered = silent.edit;
        }
        let known = session.turns > 0;
        let won = open_turn::deal(&*open.playbook, &mut session, &open.happenings);
        // Of a conversation that has not begun, nothing is written that would begin it.
        let before = open.happenings.into_iter().chain(won).filter(|_| known);
        let commit = Commit {
            session: if known {
                SessionChange::Put(Box::new(session))
            } else {
                SessionChange::Keep
            },
            ledger: self.at_this_time(before.chain(silent.happenings)),
            timers,
            outbox: outbox.clone(),
            answered: open.answers,
            ..Commit::of(open.entry.conversation, open.version)
        };
        self.store.commit(commit).await?;
        deliver(outbox, outlet).await;
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
            Press::Faq(entry) => self.question_of(&entry, language),
            Press::Person => Some(wording::wants_a_person(language).to_owned()),
            Press::AnswerEdit => session.edit_offered.take(),
            // The first says nothing, for it is an answer to us; of the others no customer has a button.
            Press::Snooze
            | Press::Take
            | Press::HandBack
            | Press::Close
            | Press::SendSuggested
            | Press::Why => None,
        }
    }

    /// The question that an entry answers, as it is shown.
    pub(super) fn question_of(&self, entry: &FaqId, language: Language) -> Option<String> {
        let faq = self.knowledge.faq();
        let question = asked_back::question(faq.entry(entry)?, language)?;
        Some(question.to_owned())
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
        InboundEvent::Fired {
            purpose: Purpose::FollowUp { .. },
            set_at,
        } => {
            let spoke_since = session.last_said_at.is_some_and(|said| said > *set_at);
            let unwanted = session.follow_ups_declined || session.escalation.is_some();
            (spoke_since || unwanted).then(|| Silent::noting(Vec::new()))
        }
        InboundEvent::Edited { text } => silent_edit(text, burst, session),
        InboundEvent::Message { .. } => late_part(burst, session),
        _ => None,
    }
}

/// An edit that changes no words (a link's preview, a mark of formatting), or the next one of a
/// message whose offer still stands.
fn silent_edit(text: &str, burst: &Burst, session: &Session) -> Option<Silent> {
    let text = clean_customer_text(text).text;
    let said = |line: &Line| {
        let is_said = line.text.lines().any(|said| said == text) || line.text == text;
        is_said && line.speaker == Speaker::Customer
    };
    if text.is_empty() || session.history.iter().any(said) {
        return Some(Silent::noting(Vec::new()));
    }
    let same = session.edit_offered_of == burst.first().message;
    let offered = session.edit_offered.is_some() && same;
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
pub(super) fn offer_correction(text: &str, burst: &Burst, open: &mut OpenTurn, draft: &mut Draft) {
    let language = open.session.language;
    let text = clean_customer_text(text).text;
    draft
        .happenings
        .push(Happening::Edited { text: text.clone() });
    open.session.edit_offered = Some(text);
    let message = &burst.first().message;
    open.session.edit_offered_of.clone_from(message);
    draft.word("edit_noticed", wording::edit_noticed(language));
    draft.card = Some(one_button(
        wording::answer_the_edit(language),
        Press::AnswerEdit,
    ));
}

/// Says what was to be said at this time, with a way to put it off or to decline.
pub(super) fn comes_back(purpose: &Purpose, open: &mut OpenTurn, draft: &mut Draft) {
    let language = open.session.language;
    let (Purpose::FollowUp { text } | Purpose::Reminder { text }) = purpose else {
        return;
    };
    draft.say(text, Source::Playbook);
    draft.word("how_to_decline", wording::how_to_decline(language));
    open.session.snooze_offered = Some(text.clone());
    draft.card = Some(one_button(wording::snooze_button(language), Press::Snooze));
    let text = text.clone();
    draft.happenings.push(match purpose {
        Purpose::FollowUp { .. } => Happening::FollowedUp { text },
        _ => Happening::Reminded { text },
    });
}

/// Puts off what was said last until tomorrow.
pub(super) fn snooze(open: &mut OpenTurn, draft: &mut Draft) {
    /// The button says "tomorrow".
    const A_DAY_MINUTES: u32 = 24 * 60;
    let language = open.session.language;
    let Some(text) = open.session.snooze_offered.take() else {
        return draft.word("old_button", wording::old_button(language));
    };
    draft.word("snoozed", wording::snoozed(language));
    draft.later(A_DAY_MINUTES, Purpose::Reminder { text });
}

fn one_button(label: &str, press: Press) -> Card {
    Card {
        title: String::new(),
        price: None,
        picture_url: None,
        buttons: vec![Button {
            label: label.to_owned(),
            press,
        }],
    }
}

/// The timer of what is to come after so many minutes.
pub(super) fn timer(after_minutes: u32, purpose: Purpose, open: &OpenTurn) -> Timer {
    let OutboxEntry {
        conversation,
        address,
        ..
    } = &open.entry;
    let now = open.turn.now;
    let after = Duration::from_mins(u64::from(after_minutes));
    Timer {
        id: purpose.timer_id(),
        conversation: *conversation,
        address: address.clone(),
        set_at: now,
        due: now.saturating_add(after).unwrap_or(now),
        purpose,
    }
}

/// What a turn does to timers: whatever the customer says takes an earlier follow-up back, and
/// declining takes back all there are. Reminders that are asked for after that are kept.
pub(super) fn timers(
    mut set: Vec<TimerChange>,
    declined: bool,
    session: &mut Session,
) -> Vec<TimerChange> {
    if session.follow_ups_declined {
        set.retain(|change| !is_follow_up(change));
    }
    let follows = set.iter().any(is_follow_up);
    let mut changes = Vec::new();
    if declined {
        // Looks at a customer who waits for a person are no reminders of theirs.
        let text = String::new;
        let reminds = [
            Purpose::FollowUp { text: text() },
            Purpose::Reminder { text: text() },
        ];
        changes.extend(reminds.map(|it| TimerChange::Cancel(it.timer_id())));
    } else if session.follow_up_pending && !follows {
        let text = String::new();
        changes.push(TimerChange::Cancel(Purpose::FollowUp { text }.timer_id()));
    }
    session.follow_up_pending = follows;
    changes.extend(set);
    changes
}

fn is_follow_up(change: &TimerChange) -> bool {
    matches!(change, TimerChange::Set(timer) if matches!(timer.purpose, Purpose::FollowUp { .. }))
}
