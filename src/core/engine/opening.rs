//! How a turn begins: the session as it was left, or a new one that knows what the ledger remembers.

use crate::{
    Burst, Happening, Language, LedgerEvent, Session,
    ports::{Opened, Playbook, StoreError},
    wording,
};

use super::{Engine, OpenTurn, hearing, people};

impl Engine {
    /// Opens the session of a burst, or a new one, and what the playbook will see of it.
    pub(super) async fn open(
        &self,
        burst: &Burst,
        read: &[String],
    ) -> Result<OpenTurn, StoreError> {
        let Opened { session, version } = self.store.open(burst.conversation()).await?;
        let playbook = self.playbooks.current(burst.conversation());
        let is_new = session.is_none();
        let mut session = match session {
            Some(session) => session,
            None => self.new_session(burst, &*playbook).await?,
        };
        let said = self.said(burst, read, &mut session);
        let served_as = session.served_as.clone();
        let held = self.knowledge.now();
        let facts = held.as_deref().unwrap_or(&*self.knowledge);
        let turn = self.turn_of(burst, &said, &mut session, facts);
        let mut open = OpenTurn::new(burst, (version, session), playbook, said, turn);
        open.facts = held;
        open.trace.spent.understand_us = self.since(open.turn.now);
        if is_new {
            open.happenings.push(Happening::Began {
                playbook: open.session.playbook.clone(),
                stage: open.session.stage.clone(),
            });
        } else {
            self.choose_playbook(&mut open).await?;
        }
        let learned = hearing::learned(&served_as, &open.session);
        open.happenings.extend(learned);
        Ok(open)
    }

    /// A session that knows nothing but what the customer must not have to say twice: that they
    /// want no follow-ups, and, where the last session expired and was not reset, whom they belong
    /// to. The ledger remembers it.
    pub(super) async fn new_session(
        &self,
        burst: &Burst,
        playbook: &dyn Playbook,
    ) -> Result<Session, StoreError> {
        let language = self.first_language(burst);
        let version = playbook.version().clone();
        let stage = playbook.first_stage();
        let mut session = Session::new(self.clock.now(), language, stage, version);
        let ledger = self.store.ledger(burst.conversation()).await?;
        let declined = |event: &LedgerEvent| matches!(event.what, Happening::FollowUpsDeclined);
        session.follow_ups_declined = ledger.iter().any(declined);
        session.served_as = hearing::was_served_as(&ledger);
        if let Some((owner, case)) = people::was_owned(&ledger) {
            session.owner = owner;
            session.case = Some(Box::new(case));
        }
        Ok(session)
    }

    /// The language of a conversation that has said nothing yet.
    pub(super) fn first_language(&self, burst: &Burst) -> Language {
        let hint = burst.last().locale.as_deref().and_then(Language::from_tag);
        let reviewed = hint.filter(|hint| wording::is_reviewed(*hint));
        reviewed.unwrap_or(self.settings.language)
    }
}
