//! What people do in a room of a desk: they take a conversation, write to its customer, leave notes,
//! hand it back, end it. Whoever may not do that is refused, and the customer notices nothing.

mod attendance;
pub(super) mod erasing;
mod owning;
mod proposing;
mod snooze;
mod words;

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    AgentId, Burst, BusinessHours, Case, Happening, Language, LedgerEvent, OutboxEntry, OutboxId,
    OwnerStep, Press, Relayed, RoomChange, Session, Source, TimerChange, Voice,
    desk::{Agent, AtDesk, DeskEvent, Desks, Right, Said, read},
    ports::{Commit, Opened, Outlet, SessionChange, StoreError},
    wording,
};

use super::{
    Engine, TurnEnd, TurnReport, deliver,
    people::{step, to_desk_entry, was_owned},
    waiting::needed_team,
};

/// What one event at a desk comes to.
struct Work<'a> {
    desks: &'a Desks,
    burst: &'a Burst,
    /// The desk's language.
    language: Language,
    company: String,
    now: Timestamp,
    agent: &'a Agent,
    session: Session,
    case: Case,
    ledger: Vec<LedgerEvent>,
    happenings: Vec<Happening>,
    outbox: Vec<OutboxEntry>,
    timers: Vec<TimerChange>,
    /// The company's; a team may have its own.
    hours: Option<BusinessHours>,
    /// How long the customer waited, if somebody came now.
    waited: Option<Duration>,
    /// What stands in the log.
    problems: Vec<String>,
}

impl Engine {
    /// Does what somebody did in a room.
    pub(super) async fn at_desk(
        &self,
        burst: &Burst,
        at: &AtDesk,
        outlet: &dyn Outlet,
    ) -> Result<TurnEnd, StoreError> {
        let desks = self.desks.now();
        let agent = desks.agent_of(burst.address().channel, &at.user);
        if let Some((agent, said)) = agent.zip(attendance::said_of_attendance(at)) {
            return self.note_attendance(burst, (agent, &said), outlet).await;
        }
        let Opened { session, version } = self.store.open(burst.conversation()).await?;
        let ledger = self.store.ledger(burst.conversation()).await?;
        let (session, case) = match session {
            Some(session) => (Some(session.clone()), session.case.map(|case| *case)),
            None => (None, was_owned(&ledger).map(|(_, case)| case)),
        };
        let (Some(agent), Some(case)) = (agent, case) else {
            return self
                .turn_away(burst, (at, agent.is_some()), version, outlet)
                .await;
        };
        let session = if let Some(session) = session {
            session
        } else {
            let playbook = self.playbooks.current(burst.conversation());
            self.new_session(burst, &*playbook).await?
        };
        let mut work = Work {
            desks: &desks,
            burst,
            language: self.settings.language,
            company: self.knowledge.catalog().company.name.clone(),
            now: self.clock.now(),
            agent,
            session,
            case,
            ledger,
            happenings: Vec::new(),
            outbox: Vec::new(),
            timers: Vec::new(),
            hours: self.knowledge.catalog().company.hours.clone(),
            waited: None,
            problems: Vec::new(),
        };
        work.done(&at.what);
        self.note_wait(&work).await?;
        work.session.case = Some(Box::new(work.case));
        let outbox = work.outbox;
        let problems = work.problems;
        let commit = Commit {
            session: SessionChange::Put(Box::new(work.session)),
            outbox: outbox.clone(),
            ledger: self.at_this_time(work.happenings),
            timers: work.timers,
            answered: burst.keys(),
            ..Commit::of(burst.conversation(), version)
        };
        self.store.commit(commit).await?;
        deliver(outbox, outlet).await;
        Ok(TurnEnd::Answered(TurnReport {
            problems,
            ..TurnReport::default()
        }))
    }

    /// How long a customer waited until now says how long others will.
    async fn note_wait(&self, work: &Work<'_>) -> Result<(), StoreError> {
        let Some(waited) = work.waited else {
            return Ok(());
        };
        let team = needed_team(&work.session);
        let noted = (waited, work.now);
        self.board.note_wait(team.as_deref(), noted).await
    }

    /// Nothing comes of what a stranger does, or of what is said where no conversation is. Who looks
    /// as if they wanted something gets a hint.
    async fn turn_away(
        &self,
        burst: &Burst,
        (at, is_agent): (&AtDesk, bool),
        version: u64,
        outlet: &dyn Outlet,
    ) -> Result<TurnEnd, StoreError> {
        let language = self.settings.language;
        let speaks_in_a_room = is_agent
            && speaks(&at.what)
            && !at.among_all
            && !self.desks.now().places.contains(burst.address());
        let wants = speaks_in_a_room || wants_something(&at.what);
        let hint = match (wants, is_agent) {
            (false, _) => None,
            (true, false) => Some(wording::not_allowed(language)),
            (true, true) => Some(wording::no_conversation(language)),
        };
        let hint = hint.map(|text| OutboxEntry {
            text: text.to_owned(),
            ..to_desk_entry(burst, burst.address())
        });
        let mut report = TurnReport::default();
        let mut ledger = Vec::new();
        if hint.is_some() && !is_agent {
            let account = format!("{}:{}", burst.address().channel, at.user);
            report.problems.push(format!(
                "{account} is no agent, and tried something at the desk"
            ));
            ledger.push(Happening::Refused { account });
        }
        let outbox: Vec<OutboxEntry> = hint.into_iter().collect();
        let commit = Commit {
            outbox: outbox.clone(),
            ledger: self.at_this_time(ledger),
            answered: burst.keys(),
            ..Commit::of(burst.conversation(), version)
        };
        self.store.commit(commit).await?;
        deliver(outbox, outlet).await;
        Ok(TurnEnd::Answered(report))
    }
}

/// Whether it would go to a customer.
fn speaks(what: &DeskEvent) -> bool {
    matches!(what, DeskEvent::Wrote { text, .. } if matches!(read(text), Ok(Said::ToCustomer(_))))
}

/// Whether it is a command or a button; what people say to one another is none of ours.
fn wants_something(what: &DeskEvent) -> bool {
    match what {
        DeskEvent::Wrote { text, .. } => {
            !matches!(read(text), Ok(Said::ToCustomer(_) | Said::Note(_)))
        }
        DeskEvent::Pressed { .. } => true,
        DeskEvent::Rewrote { .. } | DeskEvent::Other { .. } | DeskEvent::TookBack => false,
    }
}

impl Work<'_> {
    pub(super) fn done(&mut self, what: &DeskEvent) {
        match what {
            DeskEvent::Wrote {
                text,
                attachments,
                quotes,
            } => {
                let said = read(text);
                if self.is_internal(&said) {
                    return;
                }
                match said {
                    Ok(Said::ToCustomer(text)) => {
                        self.write(&text, attachments.clone(), quotes.clone());
                    }
                    Ok(said) => self.follow(said),
                    Err(unknown) => {
                        let text = wording::no_command(self.language, &unknown.word, unknown.why);
                        self.tell_desk(text);
                    }
                }
            }
            DeskEvent::Other { what } => self.tell_desk(wording::sent_what(self.language, *what)),
            DeskEvent::Rewrote { text } => self.rewrite(text),
            DeskEvent::TookBack => self.correct(String::new()),
            DeskEvent::Pressed { press } => match press.parse() {
                Ok(Press::Take) => self.follow(Said::Take),
                Ok(Press::HandBack) => self.follow(Said::HandBack(None)),
                Ok(Press::Close) => self.follow(Said::Close),
                Ok(Press::SendSuggested) => self.follow(Said::SendSuggested),
                Ok(Press::Why) => self.follow(Said::Why),
                _ => {}
            },
        }
    }

    pub(super) fn follow(&mut self, said: Said) {
        match said {
            Said::ToCustomer(text) => self.write(&text, Vec::new(), None),
            Said::Note(note) => self.happenings.push(Happening::Noted {
                by: self.agent.id.clone(),
                note,
            }),
            Said::Take if self.may(Right::Take) => {
                let id = self.agent.id.clone();
                self.give_to(&id);
            }
            Said::HandBack(note) if self.may(Right::Take) => self.hand_back(note),
            Said::Close if self.may(Right::Take) => self.close(),
            Said::Priority(priority) if self.may(Right::Take) => {
                self.sort(Some(priority), None);
            }
            Said::Team(team) if self.may(Right::Take) => self.give_to_team(&team),
            Said::Agent(id) if self.may(Right::Take) => self.give_to_colleague(&id),
            Said::Snooze(minutes) if self.may(Right::Take) => self.snooze(minutes),
            Said::Faq(question) => self.propose(question),
            Said::Erase { is_sure } if self.may(Right::Erase) => self.erase(is_sure),
            Said::SendSuggested => self.send_suggested(),
            Said::Why => self.tell_why(),
            Said::Help => self.tell_desk(wording::commands(self.language)),
            // `may` has told so.
            _ => {}
        }
    }

    /// Whether the agent may do that; they are told if not.
    pub(super) fn may(&mut self, right: Right) -> bool {
        let may = self.agent.may(right);
        if !may {
            self.tell_desk(wording::not_allowed(self.language));
        }
        may
    }

    /// What the bot's last reply rests on.
    pub(super) fn tell_why(&mut self) {
        let answered = self
            .ledger
            .iter()
            .rev()
            .find_map(|event| match &event.what {
                Happening::Answered { sources, trace, .. } => Some((sources, trace)),
                _ => None,
            });
        let Some((sources, trace)) = answered else {
            return self.tell_desk(wording::no_answer_yet(self.language));
        };
        let sources: Vec<String> = sources.iter().map(source).collect();
        let intent = trace.as_ref().map(|it| it.understood.intent.clone());
        let text = wording::why_so(self.language, intent.as_deref(), &sources);
        self.tell_desk(text);
    }

    pub(super) fn step(&mut self, what: OwnerStep) -> bool {
        let by = Some(self.agent.id.clone());
        step(
            &mut self.session,
            &mut self.happenings,
            (what, by),
            self.now,
        )
    }

    pub(super) fn name_of(&self, id: &AgentId) -> String {
        let agent = self.desks.agent(id);
        agent.map_or_else(|| id.to_string(), |agent| agent.name.clone())
    }

    pub(super) fn tell_customer(&mut self, text: impl Into<String>) {
        let entry = self.to_customer(text.into());
        self.outbox.push(entry);
    }

    pub(super) fn tell_desk_verbatim(&mut self, text: String) {
        self.tell_desk(text);
        if let Some(relayed) = self.outbox.last_mut().and_then(|it| it.relayed.as_mut()) {
            relayed.verbatim = true;
        }
    }

    /// What becomes of the room with the last thing that was said in it.
    pub(super) fn change_room(&mut self, change: RoomChange) {
        if let Some(relayed) = self.outbox.last_mut().and_then(|it| it.relayed.as_mut()) {
            relayed.room = change;
        }
    }

    pub(super) fn tell_desk(&mut self, text: impl Into<String>) {
        let number = self.outbox.len();
        let mut entry = to_desk_entry(self.burst, &self.case.desk);
        entry.id = OutboxId(format!("{}/{number}", entry.id));
        entry.text = text.into();
        self.outbox.push(entry);
    }

    /// Words for the customer. Of one turn they go out in the order of their names, after a restart
    /// too: `about` comes before `said`.
    pub(super) fn to_customer(&self, text: String) -> OutboxEntry {
        OutboxEntry {
            id: OutboxId(format!("about/{}", self.burst.first().key)),
            address: self.case.customer.clone(),
            text,
            relayed: Some(Box::new(Relayed {
                voice: Voice::Agent,
                verbatim: false,
                opens: None,
                corrects: false,
                attachments: Vec::new(),
                from: self.burst.address().clone(),
                of: None,
                quotes: None,
                room: RoomChange::default(),
            })),
            ..to_desk_entry(self.burst, &self.case.desk)
        }
    }
}

fn source(source: &Source) -> String {
    match source {
        Source::Wording(name) => format!("wording {name}"),
        Source::Playbook => "playbook".to_owned(),
        Source::Catalog(product) => format!("catalogue {product}"),
        Source::Faq(entry) => format!("answer {entry}"),
        Source::Document(document) => format!("document {document}"),
        Source::Model => "language model, guarded".to_owned(),
    }
}
