//! What the company brings: its playbook and its facts.

use std::sync::Arc;

use crate::{
    Action, Audience, Catalog, Decision, Documents, Faq, Language, PlaybookVersion, Turn,
    Understanding, Unread,
};

/// The sales managers' rules.
pub trait Playbook: Send + Sync {
    /// The content hash of the script and all that it imports.
    fn version(&self) -> &PlaybookVersion;

    /// The stage in which a conversation begins.
    fn first_stage(&self) -> &str;

    /// Whether it declares a stage of this name.
    fn has_stage(&self, stage: &str) -> bool;

    /// Whether a conversation that reaches this stage is a deal.
    fn is_won(&self, stage: &str) -> bool;

    /// What to do with a turn. Pure: the same turn gives the same actions.
    fn answer(&self, turn: &Turn) -> Result<Decision, PlaybookError>;

    /// Whether a person is needed after what the model wrote, or did not write, for a turn: what the
    /// escalation rules beside the playbook say of it. Only what calls somebody and what is said with
    /// that counts. Pure.
    fn review(&self, turn: &Turn) -> Decision;

    /// The answer to what was asked last, where rules read no value in it: for the model to read.
    /// Pure.
    fn unread(&self, _turn: &Turn) -> Option<Unread> {
        None
    }

    /// What to change in a conversation that began with another version, so that it can go on with
    /// this one; `None` where it is to go on with its own. `turn` is about to be answered; of the
    /// actions only those count that say nothing (go to a stage, set a slot, score, tag). Pure.
    fn migrate(
        &self,
        from: &PlaybookVersion,
        turn: &Turn,
    ) -> Result<Option<Vec<Action>>, PlaybookError>;

    /// An error of this playbook as a whole.
    fn complain(&self, message: String) -> PlaybookError;
}

/// Why a playbook gave no actions. The customer gets a reviewed text, the manager this.
#[derive(Debug, thiserror::Error)]
#[error("{file}{}: {message}", at(*line))]
pub struct PlaybookError {
    /// The script.
    pub file: String,
    /// The line, from 1.
    pub line: Option<usize>,
    /// What went wrong.
    pub message: String,
}

fn at(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(":{line}"))
}

/// The company's facts, and what a message means in their light.
pub trait Knowledge: Send + Sync {
    /// What the company sells, to whomever, at the prices that hold for everybody.
    fn catalog(&self) -> Arc<Catalog>;

    /// The reviewed answers, for whomever they are.
    fn faq(&self) -> Arc<Faq>;

    /// The documents, for whomever they are; none where the company has none.
    fn documents(&self) -> Arc<Documents> {
        Arc::default()
    }

    /// What there is for somebody on a day: their goods at their prices, and the answers that hold
    /// for them. All of it, where nothing is said about whom it is for.
    fn offered(&self, _audience: &Audience) -> Offered {
        Offered {
            catalog: self.catalog(),
            faq: self.faq(),
            documents: self.documents(),
        }
    }

    /// The same facts as they are now, where they may be renewed meanwhile: a turn holds on to these,
    /// so that what it understands and what it answers with belong together.
    fn now(&self) -> Option<Arc<dyn Knowledge>> {
        None
    }

    /// What a message means for somebody on a day. `previous` is the conversation's language so far,
    /// which a text too short to tell keeps.
    fn understand(
        &self,
        text: &str,
        previous: Option<Language>,
        audience: &Audience,
    ) -> Understanding;
}

/// The facts that hold for somebody on a day.
#[derive(Clone, Debug)]
pub struct Offered {
    /// What they can buy, at their prices.
    pub catalog: Arc<Catalog>,
    /// The reviewed answers for them.
    pub faq: Arc<Faq>,
    /// The documents for them.
    pub documents: Arc<Documents>,
}
