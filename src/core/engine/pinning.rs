//! Which version of the playbook answers a turn. A conversation keeps the version that it began
//! with; it goes on with another one only where that one's `migrate` takes it over, or where its
//! own is recalled or lost. Whatever happens, it is not begun anew.

use std::sync::Arc;

use crate::{
    Action, Happening, MoveReason, PlaybookVersion, Session, Turn,
    compose::{self, Draft},
    ports::{Pinned, Playbook, PlaybookError, StoreError},
};

use super::{Engine, OpenTurn};

impl Engine {
    /// Gives a turn the playbook that answers it.
    pub(super) async fn choose_playbook(&self, open: &mut OpenTurn) -> Result<(), StoreError> {
        let current = self.playbooks.current(open.entry.conversation);
        let pinned = open.session.playbook.clone();
        if pinned == *current.version() {
            return Ok(());
        }
        let may_move = self.playbooks.takes_over(current.version(), &pinned)
            && open.session.stays_from.as_ref() != Some(current.version());
        if may_move && migrate(&pinned, &current, open) {
            return Ok(());
        }
        match self.playbooks.pinned(&pinned).await? {
            Pinned::Serves(playbook) => open.playbook = playbook,
            Pinned::Recalled => move_on(&current, MoveReason::Recalled, open),
            Pinned::Gone => move_on(&current, MoveReason::Gone, open),
        }
        Ok(())
    }
}

/// Has a version take the conversation over, if it can. Asked once, whatever it says.
fn migrate(from: &PlaybookVersion, to: &Arc<dyn Playbook>, open: &mut OpenTurn) -> bool {
    match migrated(from, &**to, &open.turn, &open.session) {
        Ok(Some((session, happenings))) => {
            open.session = session;
            open.happenings.extend(happenings);
            take_over(to, MoveReason::Migrated, open);
            return true;
        }
        Ok(None) => {}
        Err(error) => open.happenings.push(Happening::NotMoved {
            from: from.clone(),
            to: to.version().clone(),
            reason: error.to_string(),
        }),
    }
    open.session.stays_from = Some(to.version().clone());
    false
}

/// The session as a version's `migrate` wants it, with what happened on the way.
fn migrated(
    from: &PlaybookVersion,
    to: &dyn Playbook,
    turn: &Turn,
    session: &Session,
) -> Result<Option<(Session, Vec<Happening>)>, PlaybookError> {
    let Some(actions) = to.migrate(from, turn)? else {
        return Ok(None);
    };
    let mut session = session.clone();
    let mut draft = Draft::default();
    for action in &actions {
        compose::note(action, turn.now, &mut session, &mut draft);
    }
    if to.has_stage(&session.stage) {
        return Ok(Some((session, draft.happenings)));
    }
    let stage = &session.stage;
    Err(to.complain(format!(
        "`migrate` leaves the conversation in the stage `{stage}`, which this version does not have"
    )))
}

/// Without being asked: the stage is kept where there is one of its name.
fn move_on(to: &Arc<dyn Playbook>, why: MoveReason, open: &mut OpenTurn) {
    if !to.has_stage(&open.session.stage) {
        let stage = to.first_stage().to_owned();
        let mut draft = Draft::default();
        let action = Action::Goto { stage };
        compose::note(&action, open.turn.now, &mut open.session, &mut draft);
        open.happenings.append(&mut draft.happenings);
        open.session.awaiting = None;
        open.session.asked_times = 0;
    }
    take_over(to, why, open);
}

fn take_over(to: &Arc<dyn Playbook>, why: MoveReason, open: &mut OpenTurn) {
    let version = to.version().clone();
    let from = std::mem::replace(&mut open.session.playbook, version.clone());
    open.happenings.push(Happening::Moved {
        from,
        to: version,
        why,
    });
    open.session.stays_from = None;
    open.session.to_confirm = None;
    open.playbook = Arc::clone(to);
    open.turn.see(&open.session);
}
