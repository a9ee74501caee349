//! Runs recorded conversations once more, twice: with the playbook that answered them and with a
//! changed one, and tells what comes out otherwise. Each runs through the whole engine in a house
//! of tests, over a store in memory and a clock that stands at the recorded times: nothing is
//! sent, nothing is written, and no model is asked. Where one would write, both get the same
//! words, so that only what the playbooks do differently is told.
//!
//! Behind the first difference of a conversation the customer's further words answer another
//! talk. So that one is told as a cause, and what differs behind it is only counted.
//!
//! Start at [`talks`], what is made of a ledger; [`compare`] says what differs.

mod compare;
mod model;
mod report;
mod talks;

use std::{collections::BTreeMap, iter, sync::Arc};

use consultant_core::{
    Address, ConversationId, LedgerEvent, PlaybookVersion,
    engine::FactCache,
    ports::{LanguageModel, Playbook, StoreError},
};
use futures::{StreamExt, stream};
use jiff::Timestamp;

use super::{
    Stage,
    case::{Case, Writes},
    house::{Seen, TestHouse},
};

pub use report::{Replay, Sides};

use compare::{Came, cause, otherwise_than_recorded};
use model::Placeholder;
use talks::{Talk, talks};

/// A conversation that is kept.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Which one.
    pub conversation: ConversationId,
    /// Where it takes place. Chance begins from there.
    pub address: Address,
    /// What happened in it.
    pub ledger: Vec<LedgerEvent>,
}

/// Playbooks by their versions; none where a version is not kept or no longer runs.
pub type Versions = BTreeMap<PlaybookVersion, Option<Arc<dyn Playbook>>>;

/// With which playbook conversations are run.
#[derive(Clone)]
pub enum Base {
    /// Each with those that answered it.
    Recorded(Versions),
    /// All with this one.
    One(Arc<dyn Playbook>),
}

/// Runs conversations with two playbooks.
pub struct Replayer {
    before: Base,
    after: Arc<dyn Playbook>,
    stage: Stage,
    facts: FactCache,
    since: Timestamp,
    now: Timestamp,
}

/// What came of one conversation: of each of its beginnings.
pub struct Replayed(Vec<Came>);

/// Runs conversations, as many at a time as there are cores, and says whenever one is done. What
/// could not be run is none.
pub async fn replay_all(
    replayer: &Arc<Replayer>,
    recorded: Vec<Recorded>,
    mut done: impl FnMut(),
) -> Vec<Option<Replayed>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let running = recorded.into_iter().map(|recorded| {
        let replayer = Arc::clone(replayer);
        // A task of its own, so that it may run on a core of its own.
        async move {
            let running = tokio::spawn(async move { replayer.run(&recorded).await });
            running.await.ok().and_then(Result::ok)
        }
    });
    let running = stream::iter(running).buffered(cores);
    running.inspect(|_| done()).collect().await
}

impl Recorded {
    /// When it began last; none where nobody did anything in it.
    pub fn began_last(&self) -> Option<Timestamp> {
        let talks = talks(self, Timestamp::MAX);
        talks.last().map(|talk| talk.began)
    }

    /// The versions that answered it since then.
    pub fn versions(&self, since: Timestamp) -> Vec<PlaybookVersion> {
        let talks = talks(self, Timestamp::MAX);
        let talks = talks.iter().filter(|talk| talk.began >= since);
        let deeds = talks.flat_map(|talk| &talk.deeds);
        let mut versions: Vec<_> = deeds.map(|deed| deed.version.clone()).collect();
        versions.sort();
        versions.dedup();
        versions
    }
}

impl Replayer {
    /// `stage` has the facts of both and the playbook that is tried; with a model in it, its words
    /// are stood for. Beginnings since `since` are run, and what is due until `now` is said.
    pub fn new(before: Base, stage: Stage, (since, now): (Timestamp, Timestamp)) -> Self {
        let facts = FactCache::default();
        let knowledge = &stage.company.knowledge;
        facts.of(
            &knowledge.catalog(),
            &knowledge.faq(),
            &knowledge.documents(),
        );
        let after = Arc::clone(&stage.company.playbook);
        let stage = Stage {
            model: Some(
                Arc::new(Placeholder::of(stage.languages.clone())) as Arc<dyn LanguageModel>
            )
            .filter(|_| !stage.languages.is_empty()),
            ..stage
        };
        Self {
            before,
            after,
            stage,
            facts,
            since,
            now,
        }
    }

    /// Runs a conversation.
    pub async fn run(&self, recorded: &Recorded) -> Result<Replayed, StoreError> {
        let mut all = Vec::new();
        let talks = talks(recorded, self.now);
        for talk in talks.iter().filter(|talk| talk.began >= self.since) {
            all.push(self.talk(talk).await?);
        }
        Ok(Replayed(all))
    }

    async fn talk(&self, talk: &Talk) -> Result<Came, StoreError> {
        let before: Option<Vec<_>> = talk.deeds.iter().map(|deed| self.before(deed)).collect();
        let Some(before) = before else {
            return Ok(Came::LeftOut);
        };
        let after: Vec<_> = iter::repeat_n(&self.after, talk.deeds.len())
            .cloned()
            .collect();
        let before = self.play(talk, &before).await?;
        let after = self.play(talk, &after).await?;
        let currency = self.stage.company.knowledge.catalog().currency;
        Ok(Came::Run {
            turns: talk.deeds.len(),
            otherwise_than_recorded: otherwise_than_recorded(talk, &before),
            cause: cause(talk, (&before, &after), currency),
        })
    }

    fn before(&self, deed: &talks::Deed) -> Option<Arc<dyn Playbook>> {
        match &self.before {
            Base::One(playbook) => Some(Arc::clone(playbook)),
            Base::Recorded(versions) => versions.get(&deed.version)?.clone(),
        }
    }

    /// What comes of each thing that the customer did, with this playbook each.
    async fn play(
        &self,
        talk: &Talk,
        playbooks: &[Arc<dyn Playbook>],
    ) -> Result<Vec<Seen>, StoreError> {
        let writes = match &self.stage.model {
            Some(_) => Writes::Texts(Vec::new()),
            None => Writes::None,
        };
        let case = Case {
            channel: talk.address.channel,
            locale: talk.locale.clone(),
            ..Case::begun(talk.began, writes)
        };
        let place = (talk.address.place.as_str(), &case);
        let mut house = TestHouse::as_recorded(place, &self.stage).knows(&self.facts);
        if !talk.before.is_empty() {
            house.remembers(talk.before.clone()).await?;
        }
        let ends = talk.deeds.iter().skip(1).map(|next| next.at);
        let ends = ends.chain([talk.until]);
        let mut seen: Vec<Seen> = Vec::with_capacity(talk.deeds.len());
        for ((deed, until), playbook) in talk.deeds.iter().zip(ends).zip(playbooks) {
            house.is_answered_by(playbook);
            house.has_read(deed.read.clone());
            seen.push(house.hears_at(deed.at, deed.event.clone(), until).await?);
        }
        Ok(seen)
    }
}

#[cfg(test)]
mod tests;
