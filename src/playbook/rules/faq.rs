//! `faq_draft(exchange)`: whether a question with its answer becomes a reviewed answer.

use std::sync::Arc;

use consultant_core::{Exchange, FaqDraft, ScriptPlace, ports::PlaybookError};
use rhai::Dynamic;

use super::{Rules, kind_of};
use crate::api::{Drafted, Drafting, ExchangeView};

/// Rules that say what becomes a reviewed answer.
pub struct FaqRules(pub(crate) Rules);

/// A draft, and the line that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeDraft {
    /// What may become a reviewed answer.
    pub draft: FaqDraft,
    /// The line that made it.
    pub place: ScriptPlace,
}

impl std::fmt::Debug for FaqRules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FaqRules")
            .field("file", &self.0.file)
            .finish_non_exhaustive()
    }
}

impl FaqRules {
    pub(crate) const fn new(rules: Rules) -> Self {
        Self(rules)
    }

    /// The file that they were compiled from, as it was named to the compiler.
    pub fn file(&self) -> &str {
        &self.0.file
    }

    /// Asks the rules about one exchange. The same one always gives the same draft.
    pub fn ask(&self, exchange: &Exchange) -> Result<Option<MadeDraft>, PlaybookError> {
        let exchange = Arc::new(exchange.clone());
        let view = ExchangeView::new(Arc::clone(&exchange));
        let returned = self.0.ask(Drafting::new(exchange), (view,))?;
        self.made(returned)
    }

    fn made(&self, returned: Dynamic) -> Result<Option<MadeDraft>, PlaybookError> {
        if returned.is_unit() {
            return Ok(None);
        }
        let what = kind_of(&returned);
        let Some(drafted) = returned.try_cast::<Drafted>() else {
            let message =
                format!("`faq_draft` returned {what}: return `draft(…)`, or `()` for no draft");
            return Err(self.0.refuse(message));
        };
        Ok(Some(MadeDraft {
            place: self.0.place(drafted.file, drafted.position),
            draft: drafted.draft,
        }))
    }
}
