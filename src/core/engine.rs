//! The life of a message: open the session, understand, ask the playbook, compose, guard, commit,
//! and ask for the effects. Start here.
//!
//! The engine decides with plain functions and awaits its ports only to sequence them. The one
//! decision that surprises: where the model has to write, the outbox entry is committed *before*
//! decoding starts, so that a crash in the middle repeats the turn into the same entry and the
//! customer never sees a second message.

use std::{sync::Arc, time::Duration};

use crate::{
    Action, Command, Effect, Envelope, Happening, InboundEvent, Language, LedgerEvent, LocalText,
    OutboxState, Session, Source, Speaker, Turn,
    clean::TextKind,
    compose::{self, Draft, Part, compose},
    ports::{
        Clock, Commit, Knowledge, LanguageModel, Opened, Outlet, Playbook, Sampling, SessionChange,
        Store, StoreError,
    },
    wording,
};

mod facts;
mod open_turn;
mod writing;

pub use facts::FactCache;

use open_turn::{OpenTurn, Reply, Said};
use writing::{Writing, Written};

/// The turn engine and all that it needs of the world.
pub struct Engine {
    /// Sessions, inbox, outbox, ledger.
    pub store: Arc<dyn Store>,
    /// Writes where no fact answers.
    pub model: Arc<dyn LanguageModel>,
    /// The sales managers' rules.
    pub playbook: Arc<dyn Playbook>,
    /// The company's facts.
    pub knowledge: Arc<dyn Knowledge>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How replies are made.
    pub settings: EngineSettings,
    /// What the guard knows of the company; begin with the default.
    pub facts: FactCache,
}

/// How replies are made.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineSettings {
    /// The language of a conversation that has not shown its own yet.
    pub language: Language,
    /// The words of the AI disclosure, where the company has its own.
    pub disclosure: Option<LocalText>,
    /// Tokens of one reply, at the most.
    pub max_tokens: usize,
    /// Time for one draft, at the most.
    pub time_limit: Duration,
    /// How to choose tokens.
    pub sampling: Sampling,
    /// Pause before a full model queue is tried again.
    pub busy_pause: Duration,
    /// How often a full queue is tried before the engine gives up.
    pub busy_tries: u32,
}

/// What a turn came to, for the log. Holds no words of the customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnReport {
    /// Where the reply came from, part by part.
    pub sources: Vec<Source>,
    /// What went wrong and was answered by a reviewed text, in the ports' words.
    pub problems: Vec<String>,
}

impl Engine {
    /// Answers one inbound. On [`StoreError::Conflict`] nothing was changed: call again.
    pub async fn turn(
        &self,
        envelope: &Envelope,
        outlet: &dyn Outlet,
    ) -> Result<TurnReport, StoreError> {
        let mut open = self.open(envelope).await?;
        let event = &envelope.inbound.event;
        if let InboundEvent::Command {
            command: Command::Reset,
        } = event
        {
            return self.reset(open, outlet).await;
        }
        let draft = self.draft(event, &mut open);
        let reply = self.finish(draft, &mut open, outlet).await?;
        self.commit(open, reply, outlet).await
    }

    async fn open(&self, envelope: &Envelope) -> Result<OpenTurn, StoreError> {
        let Opened { session, version } = self.store.open(envelope.conversation).await?;
        let mut session = session.unwrap_or_else(|| self.new_session(envelope));
        let said = Said::from(&envelope.inbound.event);
        let understanding = self
            .knowledge
            .understand(&said.text, Some(session.language));
        if !said.text.is_empty() {
            session.language = understanding.language;
        }
        let turn = Turn {
            text: said.text.clone(),
            first_contact: session.turns == 0 || said.start,
            stage: session.stage.clone(),
            slots: session.slots.clone(),
            awaiting: session.awaiting.clone(),
            escalated: session.escalation.is_some(),
            turns: session.turns,
            understanding,
            now: self.clock.now(),
            catalog: self.knowledge.catalog(),
            faq: self.knowledge.faq(),
        };
        Ok(OpenTurn::new(envelope, version, session, said, turn))
    }

    fn new_session(&self, envelope: &Envelope) -> Session {
        let hint = envelope
            .inbound
            .locale
            .as_deref()
            .and_then(Language::from_tag);
        let language = hint.filter(|hint| wording::is_reviewed(*hint));
        let language = language.unwrap_or(self.settings.language);
        let version = self.playbook.version().clone();
        Session::new(
            self.clock.now(),
            language,
            self.playbook.first_stage(),
            version,
        )
    }

    /// From an event to a draft: reviewed wording where it is enough, otherwise the playbook.
    fn draft(&self, event: &InboundEvent, open: &mut OpenTurn) -> Draft {
        let mut draft = Draft::default();
        let language = open.session.language;
        let company = &open.turn.catalog.company.name;
        if !open.session.disclosed {
            draft.word("disclosure", self.disclosure(language, company));
            open.session.disclosed = true;
        }
        match (event, open.said.kind) {
            (
                InboundEvent::Command {
                    command: Command::Help,
                },
                _,
            ) => {
                draft.word("help", wording::help(language, company));
            }
            (InboundEvent::Unsupported { what }, _) => {
                draft.word("unsupported", wording::unsupported(language, *what));
            }
            (InboundEvent::Message { .. }, TextKind::Empty) => {
                draft.word("empty", wording::empty(language));
            }
            (InboundEvent::Message { .. }, TextKind::EmojiOnly) => {
                draft.word("emoji_only", wording::emoji_only(language));
            }
            (_, TextKind::TooLong { .. }) => {
                draft.word("only_the_beginning", wording::only_the_beginning(language));
                self.play(open, &mut draft);
            }
            _ => self.play(open, &mut draft),
        }
        draft
    }

    fn disclosure(&self, language: Language, company: &str) -> String {
        match &self.settings.disclosure {
            Some(own) => own.get(language).to_owned(),
            None => wording::disclosure(language, company),
        }
    }

    /// Runs the playbook. A playbook that fails is answered by facts, and noted.
    fn play(&self, open: &mut OpenTurn, draft: &mut Draft) {
        let actions = self.playbook.answer(&open.turn).unwrap_or_else(|error| {
            draft.happenings.push(Happening::PlaybookFailed {
                reason: error.to_string(),
            });
            vec![Action::Answer]
        });
        let writes = self.model.card().languages.contains(&open.session.language);
        let composed = compose(&actions, &open.turn, &mut open.session, writes);
        draft.parts.extend(composed.parts);
        draft.computed.extend(composed.computed);
        draft.happenings.extend(composed.happenings);
    }

    /// Has the model write what is not ready, sentence by guarded sentence.
    async fn finish(
        &self,
        draft: Draft,
        open: &mut OpenTurn,
        outlet: &dyn Outlet,
    ) -> Result<Reply, StoreError> {
        let mut reply = Reply {
            happenings: draft.happenings,
            ..Reply::default()
        };
        for part in draft.parts {
            match part {
                Part::Ready { text, source } => reply.add(&text, source),
                Part::Write => {
                    self.open_entry(&reply, open, outlet).await?;
                    let writing = Writing {
                        engine: self,
                        open,
                        computed: &draft.computed,
                        before: &reply.text,
                    };
                    let written = writing.run(outlet).await;
                    self.settle(written, open, &mut reply);
                }
            }
        }
        Ok(reply)
    }

    /// Commits the entry that the model is about to write into.
    async fn open_entry(
        &self,
        reply: &Reply,
        open: &mut OpenTurn,
        outlet: &dyn Outlet,
    ) -> Result<(), StoreError> {
        outlet
            .perform(Effect::Typing(open.entry.address.clone()))
            .await;
        open.entry.text.clone_from(&reply.text);
        let commit = Commit {
            conversation: open.entry.conversation,
            expected_version: open.version,
            session: SessionChange::Keep,
            outbox: vec![open.entry.clone()],
            ledger: Vec::new(),
            answered: Vec::new(),
        };
        open.version = self.store.commit(commit).await?;
        Ok(())
    }

    /// What becomes of the model's part: its text, or a reviewed one and perhaps a person.
    fn settle(&self, written: Written, open: &mut OpenTurn, reply: &mut Reply) {
        let mut draft = Draft::default();
        let session = &mut open.session;
        let (language, now) = (session.language, self.clock.now());
        reply.happenings.extend(written.refusals);
        if let Some(reason) = written.failure {
            draft.word("apology", wording::apology(language));
            reply.happenings.push(Happening::ModelFailed { reason });
            compose::escalate("the model could not answer", now, session, &mut draft);
        } else if written.text.is_empty() {
            compose::unanswered(language, now, session, &mut draft);
        } else {
            session.unanswered = 0;
            draft.say(written.text, Source::Model);
        }
        reply.happenings.append(&mut draft.happenings);
        for part in draft.parts {
            if let Part::Ready { text, source } = part {
                reply.add(&text, source);
            }
        }
    }

    /// One atomic step writes the session, the reply, what happened, and the inbound's done mark.
    async fn commit(
        &self,
        mut open: OpenTurn,
        reply: Reply,
        outlet: &dyn Outlet,
    ) -> Result<TurnReport, StoreError> {
        let report = reply.report();
        let mut session = open.session;
        session.turns += 1;
        if !open.said.text.is_empty() {
            session.remember(Speaker::Customer, open.said.text.as_str());
        }
        session.remember(Speaker::Bot, reply.text.as_str());
        let answered = Happening::Answered {
            inbound: vec![open.answers.clone()],
            said: open.said.text,
            replied: reply.text.clone(),
            sources: reply.sources,
            language: session.language,
            playbook: session.playbook.clone(),
        };
        let happenings = reply.happenings.into_iter().chain([answered]);
        open.entry.text = reply.text;
        open.entry.state = OutboxState::Ready;
        let commit = Commit {
            conversation: open.entry.conversation,
            expected_version: open.version,
            session: SessionChange::Put(Box::new(session)),
            outbox: vec![open.entry.clone()],
            ledger: self.at_this_time(happenings),
            answered: vec![open.answers],
        };
        self.store.commit(commit).await?;
        outlet.perform(Effect::Deliver(open.entry)).await;
        Ok(report)
    }

    /// Forgets the session. The customer reads so; the ledger keeps that it happened.
    async fn reset(
        &self,
        mut open: OpenTurn,
        outlet: &dyn Outlet,
    ) -> Result<TurnReport, StoreError> {
        wording::forgotten(open.session.language).clone_into(&mut open.entry.text);
        open.entry.state = OutboxState::Ready;
        let commit = Commit {
            conversation: open.entry.conversation,
            expected_version: open.version,
            session: SessionChange::Forget,
            outbox: vec![open.entry.clone()],
            ledger: self.at_this_time([Happening::Reset]),
            answered: vec![open.answers],
        };
        self.store.commit(commit).await?;
        outlet.perform(Effect::Deliver(open.entry)).await;
        let sources = vec![Source::Wording("forgotten".to_owned())];
        Ok(TurnReport {
            sources,
            problems: Vec::new(),
        })
    }

    fn at_this_time(&self, happenings: impl IntoIterator<Item = Happening>) -> Vec<LedgerEvent> {
        let at = self.clock.now();
        happenings
            .into_iter()
            .map(|what| LedgerEvent { at, what })
            .collect()
    }
}
