//! Decisions about versions: read from the store, and added to it, one at a time.

use consultant_core::{
    RELEASE_FORMAT, ReleaseEvent, ReleaseStep, Releases,
    ports::{Clock, ReleaseLog, StoreError},
};

/// How often a number is tried for. Whoever loses that often meets a crowd, not a colleague.
const TRIES: usize = 16;

/// Where decisions are kept, and who makes them.
pub struct Decisions<'a> {
    /// Keeps them.
    pub log: &'a dyn ReleaseLog,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Who decides, as they are called on this machine.
    pub author: &'a str,
    /// Why, in their words.
    pub note: Option<&'a str>,
}

/// Why a decision was not made.
#[derive(Debug, thiserror::Error)]
pub enum Undecided {
    /// Somebody else decided something meanwhile, on which this decision does not rest.
    #[error("{} was first", .0.author)]
    Outrun(Box<ReleaseEvent>),
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What follows from all decisions that are kept.
pub async fn releases(log: &dyn ReleaseLog) -> Result<Releases, StoreError> {
    Ok(Releases::of(&log.releases(0).await?))
}

impl Decisions<'_> {
    /// What follows from all decisions so far.
    pub async fn releases(&self) -> Result<Releases, StoreError> {
        releases(self.log).await
    }

    /// Adds a decision that rests on what was `seen`. It is not made where somebody decided
    /// anything since; that somebody was refused changes nothing.
    pub async fn add(&self, seen: &Releases, what: ReleaseStep) -> Result<ReleaseEvent, Undecided> {
        let mut event = ReleaseEvent {
            format: RELEASE_FORMAT,
            number: seen.next_number(),
            at: self.clock.now(),
            author: self.author.to_owned(),
            note: self.note.map(str::to_owned),
            what,
        };
        let is_note = !changes(&event.what);
        for _ in 0..TRIES {
            if self.log.add_release(&event).await? {
                return Ok(event);
            }
            let others = self.log.releases(event.number - 1).await?;
            if let Some(other) = others.iter().find(|it| changes(&it.what) && !is_note) {
                return Err(Undecided::Outrun(Box::new(other.clone())));
            }
            event.number = others.last().map_or(event.number, |it| it.number + 1);
        }
        Err(Undecided::Outrun(Box::new(event)))
    }
}

/// Whether a decision changes what serves: that somebody was refused does not.
const fn changes(what: &ReleaseStep) -> bool {
    !matches!(what, ReleaseStep::Refused { .. })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use consultant_core::{PlaybookVersion, Proof};
    use consultant_store::{MemoryStore, StoreSettings};

    use super::*;
    use crate::clock::SystemClock;

    fn store() -> MemoryStore {
        MemoryStore::new(&StoreSettings::default(), Arc::new(SystemClock))
    }

    fn by<'a>(author: &'a str, log: &'a MemoryStore) -> Decisions<'a> {
        Decisions {
            log,
            clock: &SystemClock,
            author,
            note: None,
        }
    }

    fn published(version: &str) -> ReleaseStep {
        ReleaseStep::Published {
            version: PlaybookVersion::from(version),
            proof: Proof::default(),
        }
    }

    fn refused() -> ReleaseStep {
        ReleaseStep::Refused {
            version: None,
            reason: "1 test failed".to_owned(),
        }
    }

    #[tokio::test]
    async fn of_two_who_saw_the_same_one_decides_and_the_other_is_told_who() {
        let store = store();
        let (ann, bob) = (by("ann", &store), by("bob", &store));
        let seen = ann.releases().await.unwrap();
        ann.add(&seen, published("a")).await.unwrap();
        let error = bob.add(&seen, published("b")).await.unwrap_err();
        assert_eq!(error.to_string(), "ann was first");
        assert_eq!(
            bob.releases().await.unwrap().live(),
            Some(&PlaybookVersion::from("a"))
        );
    }

    #[tokio::test]
    async fn that_somebody_was_refused_is_in_nobody_s_way() {
        let store = store();
        let (ann, bob) = (by("ann", &store), by("bob", &store));
        let seen = ann.releases().await.unwrap();
        bob.add(&seen, refused()).await.unwrap();
        bob.add(&seen, refused()).await.unwrap();
        let event = ann.add(&seen, published("a")).await.unwrap();
        assert_eq!(event.number, 3);
        let event = bob.add(&seen, refused()).await.unwrap();
        assert_eq!(
            event.number, 4,
            "a note is kept whatever was decided meanwhile"
        );
    }
}
