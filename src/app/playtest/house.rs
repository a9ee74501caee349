//! A house for one conversation: the real engine, over nothing that outlives it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use consultant_core::{
    Action, Address, Burst, ChannelName, ConversationId, Currency, Decision, Effect, Envelope,
    Happening, Inbound, InboundEvent, Interrupt, LedgerEvent, Media, OutboxEntry, PlaybookVersion,
    Session, SlotValue, Turn, Unread,
    desk::{Board, DeskBook},
    engine::{Engine, FactCache},
    ports::{
        Accepted, Clock, Commit, Deliveries, LanguageModel, MediaError, MediaStore, Outlet, Pinned,
        Places, Playbook, PlaybookError, Playbooks, Store, StoreError, Timers, WholeStore,
    },
};
use consultant_store::{MemoryStore, StoreSettings};
use jiff::Timestamp;

use super::{
    AS_RECORDED, Stage,
    case::{BelongsTo, Case, Step, Writes},
    check::Miss,
    model::{NotedModel, ScriptedModel},
};
use crate::{erasure::Eraser, model::NoModel};

/// Timers that are due at one moment: a conversation has two.
const TIMERS: usize = 16;

/// What came of one inbound.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// What is said, in order.
    pub(super) replies: Vec<OutboxEntry>,
    /// What the playbook asked for.
    pub(super) actions: Vec<Action>,
    /// What happened.
    pub(super) happenings: Vec<Happening>,
    /// The session after it.
    pub(super) session: Option<Session>,
    /// How often the model was asked for words that the test does not say.
    pub(super) asked_in_vain: usize,
    /// What the model wrote, one text a request.
    pub(super) written: Vec<String>,
}

impl Seen {
    /// What is so after a step: where time passed and nothing was due, all is as it was.
    pub(super) fn after(mut self, step: &Step, before: &Self) -> Self {
        if self.session.is_none() && step.after.is_some() {
            self.session.clone_from(&before.session);
        }
        self
    }

    /// With what came of the next inbound too.
    fn add(&mut self, more: Self) {
        self.replies.extend(more.replies);
        self.actions.extend(more.actions);
        self.happenings.extend(more.happenings);
        if more.session.is_some() {
            self.session = more.session;
        }
        self.asked_in_vain += more.asked_in_vain;
        self.written.extend(more.written);
    }
}

/// One conversation's house.
pub(super) struct TestHouse {
    engine: Engine,
    store: Arc<MemoryStore>,
    clock: Arc<StillClock>,
    playbook: Arc<Served>,
    model: Arc<NotedModel>,
    /// There where the test says what is written.
    script: Option<Arc<ScriptedModel>>,
    channel: ChannelName,
    locale: Option<String>,
    place: String,
    inbounds: usize,
    events: usize,
}

impl TestHouse {
    pub(super) fn new(case: &Case, stage: &Stage) -> Self {
        Self::at("1", case, stage)
    }

    /// A house whose customer writes from this place, which is where chance begins.
    pub(super) fn at(place: &str, case: &Case, stage: &Stage) -> Self {
        Self::keeping(stage.session_timeout, (place, case), stage)
    }

    /// A house in which no session expires, for what a ledger tells.
    pub(super) fn as_recorded(place: (&str, &Case), stage: &Stage) -> Self {
        Self::keeping(AS_RECORDED, place, stage)
    }

    fn keeping(session_timeout: Duration, (place, case): (&str, &Case), stage: &Stage) -> Self {
        let settings = StoreSettings {
            session_timeout,
            ..StoreSettings::default()
        };
        let clock = Arc::new(StillClock(Mutex::new(case.at)));
        let port = Arc::clone(&clock) as Arc<dyn Clock>;
        let store = MemoryStore::new(&settings, Arc::clone(&port));
        let store = Arc::new(store);
        let (model, script) = model(case, stage);
        let playbook = Arc::new(Served::by(&stage.company.playbook));
        let engine = Engine {
            store: Arc::clone(&store) as Arc<dyn Store>,
            model: Arc::clone(&model) as Arc<dyn LanguageModel>,
            playbooks: Arc::clone(&playbook) as Arc<dyn Playbooks>,
            knowledge: Arc::clone(&stage.company.knowledge),
            clock: port,
            settings: stage.settings.clone(),
            facts: FactCache::default(),
            media: Arc::new(NoFiles),
            readers: Vec::new(),
            desks: DeskBook::default(),
            board: Board::of(Arc::clone(&store) as Arc<dyn Places>),
            deliveries: Arc::clone(&store) as Arc<dyn Deliveries>,
            eraser: Arc::new(Eraser {
                store: Arc::clone(&store) as Arc<dyn WholeStore>,
                media: Arc::new(NoFiles),
            }),
        };
        Self {
            engine,
            store,
            clock,
            playbook,
            model,
            script,
            channel: case.channel,
            locale: case.locale.clone(),
            place: place.to_owned(),
            inbounds: 0,
            events: 0,
        }
    }

    /// Something that the customer does.
    pub(super) async fn hears(&mut self, event: InboundEvent) -> Result<Seen, StoreError> {
        self.inbounds += 1;
        let key = format!("test:{}", self.inbounds);
        let mut inbound = Inbound::new(key, self.address(), self.clock.now(), event);
        inbound.locale.clone_from(&self.locale);
        match self.store.accept(inbound).await? {
            Accepted::New(envelope) => self.turn(envelope).await,
            Accepted::Duplicate => Ok(Seen::default()),
        }
    }

    /// Time passes; what is due then is said.
    pub(super) async fn waits(&mut self, time: Duration) -> Result<Seen, StoreError> {
        self.clock.advance(time);
        let fired = self.store.fire_due(self.clock.now(), TIMERS).await?;
        let mut seen = Seen::default();
        for envelope in fired {
            seen.add(self.turn(envelope).await?);
        }
        Ok(seen)
    }

    /// As [`Self::hears`], at a time of its own; what is due before it and after it until another
    /// time is said when it is due.
    pub(super) async fn hears_at(
        &mut self,
        at: Timestamp,
        event: InboundEvent,
        until: Timestamp,
    ) -> Result<Seen, StoreError> {
        self.clock.set(at);
        let mut seen = self.hears(event).await?;
        while let Some(due) = self.store.next_due().await?.filter(|due| *due <= until) {
            self.clock.set(due);
            for envelope in self.store.fire_due(self.clock.now(), TIMERS).await? {
                seen.add(self.turn(envelope).await?);
            }
        }
        Ok(seen)
    }

    /// Whoever answered until now, from now on this one does, as where a conversation was moved.
    pub(super) fn is_answered_by(&self, playbook: &Arc<dyn Playbook>) {
        self.playbook.change(playbook);
    }

    /// What the model writes from now on, where it is a scripted one.
    pub(super) fn has_written(&self, texts: Vec<String>) {
        if let Some(script) = &self.script {
            script.writes(texts);
        }
    }

    /// What the model reads in the next answer, as it did when that was recorded.
    pub(super) fn has_read(&mut self, values: Vec<SlotValue>) {
        self.engine.settings.reads_answers |= !values.is_empty();
        self.model.will_read(values);
    }

    /// What the playbook has seen since this was last called, of several turns the last.
    pub(super) fn take_turn(&self) -> Option<Turn> {
        lock(&self.playbook.turn).take()
    }

    /// Lets it know whom the customer belongs to, as if that had been found out before.
    pub(super) async fn belongs_to(&mut self, to: &BelongsTo) -> Result<(), Miss> {
        let who = to.membership();
        if who.is_unknown() {
            return Ok(());
        }
        if let Some((wanted, known)) = to.unknown(&self.engine.knowledge.catalog()) {
            let got = format!("known: {known}");
            let what = "served_as";
            return Err(Miss { what, wanted, got });
        }
        let before = vec![Happening::ServedAs { who }];
        self.remembers(before).await.map_err(|error| Miss {
            what: "the store",
            wanted: "a conversation".to_owned(),
            got: error.to_string(),
        })
    }

    /// Lets it know what happened before: in an earlier beginning of the same conversation.
    pub(super) async fn remembers(&mut self, before: Vec<Happening>) -> Result<(), StoreError> {
        let at = self.clock.now();
        let key = format!("test:before:{}", self.events);
        let hello = Inbound::new(key, self.address(), at, InboundEvent::says(""));
        let Accepted::New(envelope) = self.store.accept(hello).await? else {
            return Ok(());
        };
        self.events += before.len();
        let conversation = envelope.conversation;
        let version = self.store.open(conversation).await?.version;
        let commit = Commit {
            ledger: before
                .into_iter()
                .map(|what| LedgerEvent { at, what })
                .collect(),
            answered: vec![envelope.inbound.key],
            ..Commit::of(conversation, version)
        };
        self.store.commit(commit).await?;
        Ok(())
    }

    /// Takes over what another house has read of the company's facts.
    pub(super) fn knows(mut self, facts: &FactCache) -> Self {
        self.engine.facts = facts.clone();
        self
    }

    fn address(&self) -> Address {
        Address::new(self.channel, self.place.as_str())
    }

    /// In which amounts without a currency are.
    pub(super) fn currency(&self) -> Currency {
        self.engine.knowledge.catalog().currency
    }

    /// Texts of the test that the model was not asked for.
    pub(super) fn unasked(&self) -> usize {
        self.script.as_ref().map_or(0, |script| script.left())
    }

    async fn turn(&mut self, envelope: Envelope) -> Result<Seen, StoreError> {
        let conversation = envelope.conversation;
        let screen = Screen::default();
        let burst = Burst::from(envelope);
        let interrupt = Interrupt::default();
        self.engine.turn(&burst, &screen, &interrupt).await?;
        let ledger = self.store.ledger(conversation).await?;
        let happenings = ledger.into_iter().skip(self.events).map(|it| it.what);
        let happenings: Vec<_> = happenings.collect();
        self.events += happenings.len();
        let session = self.store.open(conversation).await?.session;
        Ok(Seen {
            replies: screen
                .0
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner),
            actions: self.playbook.take_actions(),
            happenings,
            session,
            asked_in_vain: (self.script.as_ref()).map_or(0, |it| it.take_asked_in_vain()),
            written: self.model.take_written(),
        })
    }
}

/// Who writes in a conversation, and the script where it is one.
fn model(case: &Case, stage: &Stage) -> (Arc<NotedModel>, Option<Arc<ScriptedModel>>) {
    let noted = |model| Arc::new(NotedModel::new(model));
    match (&case.model, &stage.model) {
        (Writes::None, _) => (noted(Arc::new(NoModel::default())), None),
        (Writes::Texts(_), Some(real)) => (noted(Arc::clone(real)), None),
        (Writes::Texts(texts), None) => {
            let script = ScriptedModel::new(texts.clone(), stage.languages.clone());
            let script = Arc::new(script);
            let port = Arc::clone(&script) as Arc<dyn LanguageModel>;
            (noted(port), Some(script))
        }
    }
}

/// A clock that moves when it is told to.
struct StillClock(Mutex<Timestamp>);

impl StillClock {
    fn advance(&self, time: Duration) {
        let mut now = lock(&self.0);
        *now = now.saturating_add(time).unwrap_or(*now);
    }

    /// Never back.
    fn set(&self, time: Timestamp) {
        let mut now = lock(&self.0);
        *now = time.max(*now);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        *lock(&self.0)
    }
}

/// The playbook that answers, what it asked for last, and what it saw.
struct Served {
    answers: Mutex<Arc<Watched>>,
    actions: Arc<Mutex<Vec<Action>>>,
    turn: Arc<Mutex<Option<Turn>>>,
}

impl Served {
    fn by(playbook: &Arc<dyn Playbook>) -> Self {
        let (actions, turn) = (Arc::default(), Arc::default());
        Self {
            answers: Mutex::new(Arc::new(Watched {
                inner: Arc::clone(playbook),
                actions: Arc::clone(&actions),
                turn: Arc::clone(&turn),
            })),
            actions,
            turn,
        }
    }

    fn change(&self, playbook: &Arc<dyn Playbook>) {
        *lock(&self.answers) = Arc::new(Watched {
            inner: Arc::clone(playbook),
            actions: Arc::clone(&self.actions),
            turn: Arc::clone(&self.turn),
        });
    }

    fn take_actions(&self) -> Vec<Action> {
        std::mem::take(&mut lock(&self.actions))
    }
}

#[async_trait]
impl Playbooks for Served {
    fn current(&self, _conversation: ConversationId) -> Arc<dyn Playbook> {
        let answers = lock(&self.answers);
        Arc::clone(&answers) as Arc<dyn Playbook>
    }

    fn takes_over(&self, _to: &PlaybookVersion, _from: &PlaybookVersion) -> bool {
        true
    }

    async fn pinned(&self, _version: &PlaybookVersion) -> Result<Pinned, StoreError> {
        Ok(Pinned::Gone)
    }
}

/// A playbook whose last actions are remembered, and what it saw.
struct Watched {
    inner: Arc<dyn Playbook>,
    actions: Arc<Mutex<Vec<Action>>>,
    turn: Arc<Mutex<Option<Turn>>>,
}

impl Playbook for Watched {
    fn version(&self) -> &PlaybookVersion {
        self.inner.version()
    }

    fn first_stage(&self) -> &str {
        self.inner.first_stage()
    }

    fn has_stage(&self, stage: &str) -> bool {
        self.inner.has_stage(stage)
    }

    fn is_won(&self, stage: &str) -> bool {
        self.inner.is_won(stage)
    }

    fn answer(&self, turn: &Turn) -> Result<Decision, PlaybookError> {
        *lock(&self.turn) = Some(turn.clone());
        let decision = self.inner.answer(turn)?;
        lock(&self.actions).clone_from(&decision.actions);
        Ok(decision)
    }

    fn review(&self, turn: &Turn) -> Decision {
        self.inner.review(turn)
    }

    fn unread(&self, turn: &Turn) -> Option<Unread> {
        self.inner.unread(turn)
    }

    fn migrate(
        &self,
        from: &PlaybookVersion,
        turn: &Turn,
    ) -> Result<Option<Vec<Action>>, PlaybookError> {
        self.inner.migrate(from, turn)
    }

    fn complain(&self, message: String) -> PlaybookError {
        self.inner.complain(message)
    }
}

/// What the customer sees.
#[derive(Default)]
struct Screen(Mutex<Vec<OutboxEntry>>);

#[async_trait]
impl Outlet for Screen {
    async fn perform(&self, effect: Effect) {
        if let Effect::Deliver(entry) = effect {
            lock(&self.0).push(entry);
        }
    }
}

/// Nobody sends files here.
struct NoFiles;

impl NoFiles {
    fn none() -> MediaError {
        MediaError {
            what: "a file in a test".to_owned(),
            source: "there are none".into(),
            no_room: true,
        }
    }
}

#[async_trait]
impl MediaStore for NoFiles {
    async fn keep(&self, _from: &Address, _content: Vec<u8>) -> Result<Media, MediaError> {
        Err(Self::none())
    }

    async fn read(&self, _from: &Address, _media: &Media) -> Result<Vec<u8>, MediaError> {
        Err(Self::none())
    }

    async fn erase(&self, _from: &Address) -> Result<usize, MediaError> {
        Ok(0)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
