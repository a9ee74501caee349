//! From a playbook's actions to a draft: what is said word for word, what the model has to write,
//! and how the session changes. Plain functions; the engine adds the model and the store.

use jiff::Timestamp;

use crate::{
    Action, Button, Card, Escalation, FaqId, Happening, Language, Money, OfferItem, OfferLine,
    Press, Priority, Promotion, Purpose, Session, SlotValue, Source, Suggestion, Turn, answer,
    asked_back::Perhaps, wording,
};

/// A reply that is not yet written to its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// Amounts that were computed for it and stand in no catalogue row.
    pub computed: Vec<Money>,
    /// What happened on the way.
    pub happenings: Vec<Happening>,
    /// What hangs under it.
    pub card: Option<Card>,
    /// What is to happen later: in how many minutes, and what.
    pub timers: Vec<(u32, Purpose)>,
}

/// A part of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Ready, with where it came from.
    Ready {
        /// The text.
        text: String,
        /// Its source.
        source: Source,
    },
    /// For the model to write.
    Write,
}

impl Draft {
    /// Adds a ready text.
    pub fn say(&mut self, text: impl Into<String>, source: Source) {
        let text = text.into();
        if !text.is_empty() {
            self.parts.push(Part::Ready { text, source });
        }
    }

    /// Sets a timer; of two for the same purpose the last one counts.
    pub fn later(&mut self, after_minutes: u32, purpose: Purpose) {
        let id = purpose.timer_id();
        self.timers.retain(|(_, other)| other.timer_id() != id);
        self.timers.push((after_minutes.max(1), purpose));
    }

    /// Adds a text of the product's own wording.
    pub fn word(&mut self, name: &str, text: impl Into<String>) {
        self.say(text, Source::Wording(name.to_owned()));
    }
}

/// Carries out actions on a session and composes the draft.
pub fn compose(actions: &[Action], turn: &Turn, session: &mut Session, writes: bool) -> Draft {
    let mut draft = Draft::default();
    session.awaiting = None;
    session.to_confirm = None;
    session.asked_times = 0;
    for action in actions {
        apply(action, turn, session, &mut draft, writes);
    }
    draft
}

fn apply(action: &Action, turn: &Turn, session: &mut Session, draft: &mut Draft, writes: bool) {
    let language = turn.understanding.language;
    match action {
        Action::Say { text } => draft.say(text.get(language), Source::Playbook),
        Action::Ask { slot, text } => {
            ask_for(slot, turn, session);
            match turn.suggested.as_ref().filter(|it| it.slot == *slot) {
                Some(suggested) => ask_whether(suggested, language, session, draft),
                None => draft.say(text.get(language), Source::Playbook),
            }
        }
        Action::Answer => answer_question(turn, session, draft, writes),
        Action::AnswerFrom { entry } => answer_from(entry, turn, session, draft),
        Action::Offer { items, promotions } => offer(turn, items, promotions, draft),
        Action::Upsell {
            item,
            text,
            promotions,
        } => {
            // Words about goods that this customer is not offered would lead nowhere.
            let item = std::slice::from_ref(item);
            if turn.catalog.lines(item).is_some() {
                draft.say(text.get(language), Source::Playbook);
                quote(turn, item, promotions, draft);
            }
        }
        Action::FollowUp {
            after_minutes,
            text,
        } => {
            let text = text.get(language).to_owned();
            draft.later(*after_minutes, Purpose::FollowUp { text });
        }
        Action::Remind {
            after_minutes,
            text,
        } => {
            let text = text.get(language).to_owned();
            draft.later(*after_minutes, Purpose::Reminder { text });
        }
        Action::Goto { .. }
        | Action::Set { .. }
        | Action::Score { .. }
        | Action::Tag { .. }
        | Action::ServeAs { .. }
        | Action::Objection { .. }
        | Action::Escalate { .. } => note(action, turn.now, session, draft),
    }
}

/// What changes the session and says nothing. Of all other actions, nothing comes.
pub(crate) fn note(action: &Action, now: Timestamp, session: &mut Session, draft: &mut Draft) {
    match action {
        Action::Goto { stage } => go_to(stage, session, draft),
        Action::Set { slot, value } => set(slot, value.as_ref(), session, draft),
        Action::Score { points, reason } if session.score(*points, reason) => {
            draft.happenings.push(Happening::Scored {
                points: *points,
                reason: reason.clone(),
            });
        }
        Action::Tag { tag, on } if session.tag(tag, *on) => {
            draft.happenings.push(Happening::Tagged {
                tag: tag.clone(),
                on: *on,
            });
        }
        Action::ServeAs { who } => {
            let served_as = session.served_as.with(who);
            if served_as != session.served_as {
                session.served_as = served_as;
                draft
                    .happenings
                    .push(Happening::ServedAs { who: who.clone() });
            }
        }
        Action::Objection { id } => {
            let raised = session.objections.entry(id.clone()).or_default();
            *raised = raised.saturating_add(1);
            draft.happenings.push(Happening::Objected {
                objection: id.clone(),
            });
        }
        Action::Escalate {
            reason,
            priority,
            team,
        } => call(now, session, draft, (reason, *priority, team.as_ref())),
        _ => {}
    }
}

fn ask_for(slot: &str, turn: &Turn, session: &mut Session) {
    let again = turn.awaiting.as_deref() == Some(slot);
    session.asked_times = if again {
        turn.asked_times.saturating_add(1)
    } else {
        1
    };
    session.awaiting = Some(slot.to_owned());
}

/// Asks whether a value that the model read is meant: nothing is noted until the customer says so.
fn ask_whether(
    suggested: &Suggestion,
    language: Language,
    session: &mut Session,
    draft: &mut Draft,
) {
    let text = wording::is_meant(language, &suggested.label);
    draft.word("is_meant", text);
    session.to_confirm = Some(suggested.value.clone());
    draft.happenings.push(Happening::Suggested {
        slot: suggested.slot.clone(),
        value: suggested.value.clone(),
    });
}

fn answer_from(entry: &FaqId, turn: &Turn, session: &mut Session, draft: &mut Draft) {
    if let Some(entry) = turn.faq.entry(entry) {
        session.unanswered = 0;
        let text = entry.answer.get(turn.understanding.language);
        draft.say(text, Source::Faq(entry.id.to_string()));
    }
}

fn answer_question(turn: &Turn, session: &mut Session, draft: &mut Draft, writes: bool) {
    let language = turn.understanding.language;
    if let Some(answer) = answer::from_facts(turn) {
        session.unanswered = 0;
        draft.computed.extend(answer.computed);
        draft.say(answer.text, answer.source);
        return;
    }
    if Perhaps::of(turn, writes).say(language, session, draft) {
        return;
    }
    if writes {
        draft.parts.push(Part::Write);
    } else {
        unanswered(language, turn.now, session, draft);
    }
}

/// From this many turns in a row without an answer, a person is called.
const UNANSWERED_TURNS: u32 = 2;

/// The canned text where no fact answers; after that, a person.
pub fn unanswered(language: Language, now: Timestamp, session: &mut Session, draft: &mut Draft) {
    session.unanswered += 1;
    if session.unanswered < UNANSWERED_TURNS || session.escalation.is_some() {
        draft.word("unsure", wording::unsure(language));
    } else {
        draft.word("colleague_called", wording::colleague_called(language));
        escalate("no answer found twice in a row", now, session, draft);
    }
}

fn offer(turn: &Turn, items: &[OfferItem], promotions: &[Promotion], draft: &mut Draft) {
    let language = turn.understanding.language;
    let Some((lines, total)) = quote(turn, items, promotions, draft) else {
        return not_offered(items, language, draft);
    };
    draft.card = Some(card(language, &lines, wording::money(language, total)));
}

/// Goods that are not in the list of whoever is served now: nothing is said of their price, and the
/// playbook is told.
fn not_offered(items: &[OfferItem], language: Language, draft: &mut Draft) {
    let items: Vec<String> = items.iter().map(OfferItem::to_string).collect();
    let reason = format!("{} is not offered to this customer", items.join(" + "));
    draft.happenings.push(Happening::PlaybookFailed { reason });
    draft.word("unsure", wording::unsure(language));
}

/// Says what goods cost, with the rule that made it less; what they are and the total.
fn quote<'a>(
    turn: &'a Turn,
    items: &[OfferItem],
    promotions: &[Promotion],
    draft: &mut Draft,
) -> Option<(Vec<OfferLine<'a>>, Money)> {
    let language = turn.understanding.language;
    let lines = turn.catalog.lines(items)?;
    let quote = turn.catalog.quote_offer(&lines, promotions);
    draft.computed.extend([quote.full, quote.total]);
    let source = Source::Catalog(lines.first()?.product.id.to_string());
    let said = [
        wording::quote_offer(language, &turn.catalog, &lines, &quote),
        wording::stock_of_offer(language, &lines),
    ];
    draft.say(answer::sentences(language, &said), source);
    let total = quote.total;
    Some((lines, total))
}

/// The offer as a card: what, for how much, and what can be pressed. An order by a button is of
/// one product: a bundle is taken by saying so.
fn card(language: Language, lines: &[OfferLine<'_>], price: String) -> Card {
    let person = (wording::person_button(language), Press::Person);
    let mut buttons = Vec::new();
    if let [line] = lines {
        let (product, variant) = (line.product.id.clone(), line.variant.id.clone());
        let order = Press::Order(product.clone(), Some(variant));
        buttons.push((wording::order_button(language), order));
        buttons.push((wording::details_button(language), Press::Details(product)));
    }
    buttons.push(person);
    let mut pictures = lines.iter().filter_map(|it| {
        let own = it.variant.picture_url.as_ref();
        own.or(it.product.picture_url.as_ref())
    });
    let picture = pictures.next().cloned();
    Card {
        title: wording::names_of_offer(language, lines),
        price: Some(price),
        picture_url: picture,
        buttons: buttons
            .into_iter()
            .filter(|(_, press)| press.fits())
            .map(|(label, press)| Button {
                label: label.to_owned(),
                press,
            })
            .collect(),
    }
}

fn go_to(stage: &str, session: &mut Session, draft: &mut Draft) {
    if session.stage != stage {
        let from = std::mem::replace(&mut session.stage, stage.to_owned());
        draft.happenings.push(Happening::StageChanged {
            from,
            to: stage.to_owned(),
        });
    }
}

fn set(slot: &str, value: Option<&SlotValue>, session: &mut Session, draft: &mut Draft) {
    let before = match value {
        Some(value) => session.slots.insert(slot.to_owned(), value.clone()),
        None => session.slots.remove(slot),
    };
    if before.as_ref() != value {
        draft.happenings.push(Happening::SlotSet {
            slot: slot.to_owned(),
            value: value.cloned(),
        });
    }
}

/// Marks that a person is needed, for a reason of the product's own. It does not replace another
/// one: whoever comes will see what is wrong.
pub fn escalate(reason: &str, now: Timestamp, session: &mut Session, draft: &mut Draft) {
    if session.escalation.is_none() {
        call(now, session, draft, (reason, Priority::default(), None));
    }
}

/// Calls a person for a playbook's reason. A new one is told too (who ordered may call off), and
/// somebody who was needed at once is still needed at once; the same one is not told twice.
fn call(
    now: Timestamp,
    session: &mut Session,
    draft: &mut Draft,
    (reason, priority, team): (&str, Priority, Option<&String>),
) {
    let known = session.escalation.as_ref();
    if known.is_some_and(|it| it.reason == reason) {
        return;
    }
    let since = known.map_or(now, |it| it.since);
    let priority = known.map_or(priority, |it| it.priority.max(priority));
    session.escalation = Some(Escalation {
        reason: reason.to_owned(),
        since,
        priority,
        team: team.cloned(),
    });
    draft.happenings.push(Happening::Escalated {
        reason: reason.to_owned(),
        priority,
        team: team.cloned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PlaybookVersion;

    fn after(reasons: &[(&str, Priority)]) -> (Session, usize) {
        let version = PlaybookVersion::from("0");
        let now = Timestamp::UNIX_EPOCH;
        let mut session = Session::new(now, Language::EN, "greet", version);
        let mut draft = Draft::default();
        for (reason, priority) in reasons {
            call(now, &mut session, &mut draft, (reason, *priority, None));
        }
        escalate("no answer found", now, &mut session, &mut draft);
        (session, draft.happenings.len())
    }

    #[test]
    fn a_new_reason_is_told_and_the_same_one_is_not_told_twice() {
        let (session, told) = after(&[
            ("complaint", Priority::Urgent),
            ("complaint", Priority::Urgent),
            ("calls off", Priority::Normal),
        ]);
        let escalation = session.escalation.unwrap();
        assert_eq!((escalation.reason.as_str(), told), ("calls off", 2));
        assert_eq!(escalation.priority, Priority::Urgent);
    }

    #[test]
    fn the_products_own_reason_replaces_none() {
        assert_eq!(after(&[("order", Priority::High)]).1, 1);
        let (session, told) = after(&[]);
        assert_eq!(
            (session.escalation.unwrap().reason.as_str(), told),
            ("no answer found", 1)
        );
    }
}
