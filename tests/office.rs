//! One house over the memory store, with customers and with people who answer them: a customer on
//! Telegram, desks on Telegram and on Discord, and walls on which everything can be read.

#![expect(
    clippy::expect_used,
    reason = "a harness fails its test where it stands"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use consultant_app::{
    company::Company,
    dispatcher::{Outcome, Rhythm},
    house::{House, Parts, engine_settings},
    supervisor::Supervisor,
    timekeeper::Timekeeper,
};
use consultant_core::{
    Address, Attachment, ChannelName, Happening, Inbound, InboundEvent, InboundKey, MessageId,
    Owner,
    desk::{Agent, AtDesk, DeskBook, DeskEvent, Desks, Right, ShownAs, Team, Waiting},
    ports::{
        Backlog, Channel, Clock, LanguageModel, MediaStore, OnePlaybook, Rooms, StoreError,
        WholeStore,
    },
};
use consultant_store::{MediaFolder, MemoryStore, StoreSettings};
use tempfile::TempDir;

use crate::{
    contract::clock::FrozenClock,
    room::{config, demo},
    scripted::ScriptedModel,
    wall::{Message, Wall},
};

/// The desk on Telegram.
pub const TELEGRAM_DESK: &str = "-100";
/// The desk on Discord.
pub const DISCORD_DESK: &str = "900";
/// Where the customer is, on Telegram.
pub const CUSTOMER: &str = "7";

/// A house with people in it.
pub struct Office {
    /// What the model will write.
    pub model: ScriptedModel,
    /// The time.
    pub clock: Arc<FrozenClock>,
    /// The store.
    pub store: Arc<dyn WholeStore>,
    /// Telegram.
    pub telegram: Arc<Wall>,
    /// Discord.
    pub discord: Arc<Wall>,
    house: House,
    inbounds: AtomicUsize,
    folder: TempDir,
}

/// Somebody at a desk.
pub struct Person<'a> {
    office: &'a Office,
    channel: ChannelName,
    user: &'static str,
}

impl Default for Office {
    fn default() -> Self {
        Self::of(demo())
    }
}

impl Office {
    /// An office of this company. Mia and Tom answer customers; Ken may only take conversations.
    pub fn of(company: Company) -> Self {
        let model = ScriptedModel::default();
        let port = Arc::new(model.clone());
        Self {
            model,
            ..Self::with_model(company, port)
        }
    }

    /// An office in which this model writes.
    pub fn with_model(company: Company, model: Arc<dyn LanguageModel>) -> Self {
        Self::built(company, model, |store| store)
    }

    /// An office over the store that this makes of its own one.
    pub fn over(make: impl FnOnce(Arc<dyn WholeStore>) -> Arc<dyn WholeStore>) -> Self {
        let model = ScriptedModel::default();
        let port = Arc::new(model.clone());
        Self {
            model,
            ..Self::built(demo(), port, make)
        }
    }

    fn built(
        company: Company,
        model: Arc<dyn LanguageModel>,
        make: impl FnOnce(Arc<dyn WholeStore>) -> Arc<dyn WholeStore>,
    ) -> Self {
        let clock = Arc::new(FrozenClock::default());
        let port = Arc::clone(&clock) as Arc<dyn Clock>;
        let store = MemoryStore::new(&StoreSettings::default(), Arc::clone(&port));
        let store: Arc<dyn WholeStore> = Arc::new(store);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = engine_settings(&config(&folder));
        let wall = |name| Arc::new(Wall::new(name, Arc::clone(&store)));
        let (telegram, discord) = (wall(ChannelName::Telegram), wall(ChannelName::Discord));
        let walls = [&telegram, &discord];
        let parts = Parts {
            knowledge: company.knowledge,
            playbooks: Arc::new(OnePlaybook(company.playbook)),
            following: None,
            model,
            store: make(Arc::clone(&store)),
            media: Arc::new(MediaFolder::new(folder.path().join("media"))),
            clock: port,
            settings,
            rhythm: Rhythm::default(),
            readers: Vec::new(),
            desks: DeskBook::of(desks()),
        };
        let rooms = walls.map(|it| Arc::clone(it) as Arc<dyn Rooms>);
        let channels = walls.map(|it| Arc::clone(it) as Arc<dyn Channel>);
        Self {
            house: parts.build(channels, rooms.into(), Supervisor::default()),
            model: ScriptedModel::default(),
            clock,
            store,
            telegram,
            discord,
            inbounds: AtomicUsize::new(0),
            folder,
        }
    }

    /// Who answers is somebody else from now on.
    pub fn takes_off(&self, id: &str) {
        self.works_otherwise(|desks| desks.agents.retain(|agent| agent.id.as_str() != id));
    }

    /// The desks are like this from now on.
    pub fn works_otherwise(&self, change: impl FnOnce(&mut Desks)) {
        let mut desks = desks();
        change(&mut desks);
        self.house.desks.exchange(desks);
    }

    /// Where files are kept.
    pub fn media(&self) -> &Arc<dyn MediaStore> {
        &self.house.media
    }

    /// The folder of this house.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Whoever has this account of a platform.
    pub fn person(&self, channel: ChannelName, user: &'static str) -> Person<'_> {
        Person {
            office: self,
            channel,
            user,
        }
    }

    /// Mia, on Telegram.
    pub fn mia(&self) -> Person<'_> {
        self.person(ChannelName::Telegram, "501")
    }

    /// Tom, on Telegram.
    pub fn tom(&self) -> Person<'_> {
        self.person(ChannelName::Telegram, "502")
    }

    /// The customer says something as the message of this name; returns what is new on their screen.
    pub async fn customer(&self, message: &str, text: &str) -> Vec<String> {
        self.customer_does(message, InboundEvent::says(text)).await
    }

    /// The customer does anything.
    pub async fn customer_does(&self, message: &str, event: InboundEvent) -> Vec<String> {
        let address = Address::new(ChannelName::Telegram, CUSTOMER);
        let before = self.seen_by_customer().len();
        self.hands_in(&address, message, event).await;
        let mut seen = self.seen_by_customer();
        seen.split_off(before.min(seen.len()))
    }

    /// The customer answers a message with this one.
    pub async fn customer_answers(&self, message: &str, quotes: &str, text: &str) {
        let from = Address::new(ChannelName::Telegram, CUSTOMER);
        let now = self.clock.now();
        let inbound = Inbound {
            message: Some(MessageId::from(message)),
            quotes: Some(MessageId::from(quotes)),
            ..Inbound::new(self.key(), from, now, InboundEvent::says(text))
        };
        let outcome = self.house.dispatcher.answer(inbound).await;
        assert_eq!(outcome.expect("it is stored"), Outcome::Answered);
        self.settled().await;
    }

    /// All that the customer sees, oldest first.
    pub fn seen_by_customer(&self) -> Vec<String> {
        let messages = self.telegram.at(CUSTOMER);
        messages.into_iter().map(|it| it.text).collect()
    }

    /// The rooms of a desk, and what stands in each.
    pub fn rooms(&self, channel: ChannelName) -> BTreeMap<String, Vec<Message>> {
        let (wall, desk) = match channel {
            ChannelName::Discord => (&self.discord, DISCORD_DESK),
            _ => (&self.telegram, TELEGRAM_DESK),
        };
        let rooms = wall.rooms_of(desk).into_iter();
        rooms.map(|room| (room.clone(), wall.at(&room))).collect()
    }

    /// What stands in the newest room of the Telegram desk, for a snapshot.
    pub fn room(&self) -> String {
        let rooms = self.rooms(ChannelName::Telegram);
        let newest = rooms.values().last().cloned().unwrap_or_default();
        let lines = newest.into_iter().map(|it| {
            let quote = it.quote.map(|it| format!(" (answers {it})"));
            format!("{}{}", it.text, quote.unwrap_or_default())
        });
        let shown = lines.collect::<Vec<_>>().join("\n--\n");
        without_the_short_name(&shown)
    }

    /// Hands an inbound in, and waits until it is answered and everybody was told.
    pub async fn hands_in(&self, from: &Address, message: &str, event: InboundEvent) {
        let inbound = Inbound {
            message: Some(MessageId::from(message)),
            ..Inbound::new(self.key(), from.clone(), self.clock.now(), event)
        };
        let outcome = self.house.dispatcher.answer(inbound).await;
        assert_eq!(outcome.expect("it is stored"), Outcome::Answered);
        self.settled().await;
    }

    /// Hands an inbound in, and waits for nothing.
    pub async fn drops_in(&self, from: &Address, message: &str, event: InboundEvent) {
        let inbound = Inbound {
            message: Some(MessageId::from(message)),
            ..Inbound::new(self.key(), from.clone(), self.clock.now(), event)
        };
        let reception = consultant_app::dispatcher::Reception(Arc::clone(&self.house.dispatcher));
        let accepted = consultant_core::ports::Intake::accept(&reception, inbound).await;
        accepted.expect("it is stored");
    }

    fn key(&self) -> InboundKey {
        let number = self.inbounds.fetch_add(1, Ordering::Relaxed);
        InboundKey(format!("telegram:1:{number}"))
    }

    /// Waits until nothing is left to answer or to deliver.
    pub async fn settled(&self) {
        let waiting = async {
            while self.store.backlog().await.expect("the backlog") != Backlog::default() {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(crate::world::PATIENCE, waiting)
            .await
            .expect("everything is answered and delivered");
    }

    /// What only the store holds is taken up, as it is now and then.
    pub async fn sweeps(&self) {
        let swept = self.house.dispatcher.sweep(|_| true).await;
        swept.expect("the store is there");
    }

    /// So many minutes pass, and what is due by then is begun.
    pub async fn fires(&self, minutes: u64) {
        self.clock.advance(std::time::Duration::from_mins(minutes));
        let timekeeper = Timekeeper {
            dispatcher: Arc::clone(&self.house.dispatcher),
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
        };
        let mut revived = None;
        let looked = timekeeper.look(|_| true, &mut revived, false).await;
        looked.expect("the store is there");
    }

    /// So many minutes pass, and what is due by then is done and told.
    pub async fn passes(&self, minutes: u64) {
        self.fires(minutes).await;
        self.settled().await;
    }

    /// Waits until the customer sees so many messages.
    pub async fn sees_customer(&self, count: usize) {
        let waiting = async {
            while self.seen_by_customer().len() < count {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(crate::world::PATIENCE, waiting)
            .await
            .expect("the customer is told");
    }

    /// Who has the customer's conversation.
    pub async fn owner(&self) -> Owner {
        let session = self.session().await.expect("the store is there");
        session.map(|it| it.owner).unwrap_or_default()
    }

    async fn session(&self) -> Result<Option<consultant_core::Session>, StoreError> {
        let address = Address::new(ChannelName::Telegram, CUSTOMER);
        match self.store.at(&address).await? {
            Some(conversation) => Ok(self.store.open(conversation).await?.session),
            None => Ok(None),
        }
    }

    /// What happened in the customer's conversation, oldest first.
    pub async fn happened(&self) -> Vec<Happening> {
        let address = Address::new(ChannelName::Telegram, CUSTOMER);
        let conversation = self.store.at(&address).await.expect("the store is there");
        let conversation = conversation.expect("the customer has said something");
        let ledger = self.store.ledger(conversation).await.expect("the ledger");
        ledger.into_iter().map(|event| event.what).collect()
    }
}

impl Person<'_> {
    /// Writes into the newest room of the own desk, as the message of this name.
    pub async fn writes(&self, message: &str, text: &str) {
        let text = text.to_owned();
        self.does(message, wrote(text, None)).await;
    }

    /// Answers a message of the room.
    pub async fn answers(&self, message: &str, quotes: &str, text: &str) {
        let quotes = Some(MessageId::from(quotes));
        self.does(message, wrote(text.to_owned(), quotes)).await;
    }

    /// Presses a button of the room.
    pub async fn presses(&self, press: &str) {
        let press = press.to_owned();
        self.does("card", DeskEvent::Pressed { press }).await;
    }

    /// Does anything in the newest room.
    pub async fn does(&self, message: &str, what: DeskEvent) {
        let room = self.room();
        self.office.hands_in(&room, message, self.event(what)).await;
    }

    /// Does anything in the newest room, and waits for nothing.
    pub async fn drops(&self, message: &str, what: DeskEvent) {
        let room = self.room();
        self.office.drops_in(&room, message, self.event(what)).await;
    }

    /// Sends a part of an album, with words or without.
    pub async fn sends_part(&self, album: &str, message: &str, text: &str) {
        let picture = Attachment::Location {
            latitude_microdegrees: 1,
            longitude_microdegrees: 2,
        };
        let what = DeskEvent::Wrote {
            text: text.to_owned(),
            attachments: vec![picture],
            quotes: None,
        };
        let inbound = Inbound {
            message: Some(MessageId::from(message)),
            album: Some(album.to_owned()),
            ..Inbound::new(
                self.office.key(),
                self.room(),
                self.office.clock.now(),
                self.event(what),
            )
        };
        let outcome = self.office.house.dispatcher.answer(inbound).await;
        assert_eq!(outcome.expect("it is stored"), Outcome::Answered);
        self.office.settled().await;
    }

    /// Does anything at a place of the own platform.
    pub async fn does_at(&self, place: &str, message: &str, what: DeskEvent) {
        let at = Address::new(self.channel, place);
        self.office.hands_in(&at, message, self.event(what)).await;
    }

    fn event(&self, what: DeskEvent) -> InboundEvent {
        InboundEvent::AtDesk(AtDesk {
            user: self.user.to_owned(),
            name: "somebody".to_owned(),
            among_all: false,
            what,
        })
    }

    fn room(&self) -> Address {
        let rooms = self.office.rooms(self.channel);
        let newest = rooms.keys().last().expect("a room");
        Address::new(self.channel, newest)
    }
}

/// A room's title ends with four digits of the conversation's id, which is another one each time.
pub fn without_the_short_name(text: &str) -> String {
    match text.split_once(" · ") {
        Some((before, after)) => {
            let rest = after.split_once(']').map_or("", |(_, rest)| rest);
            format!("{before} · ….]{rest}")
        }
        None => text.to_owned(),
    }
}

/// Words at a desk.
pub fn wrote(text: String, quotes: Option<MessageId>) -> DeskEvent {
    DeskEvent::Wrote {
        text,
        attachments: Vec::new(),
        quotes,
    }
}

fn desks() -> Desks {
    let telegram = Address::new(ChannelName::Telegram, TELEGRAM_DESK);
    let discord = Address::new(ChannelName::Discord, DISCORD_DESK);
    let all = [Right::Take, Right::Reply, Right::Publish, Right::Erase];
    let agent = |id: &str, name: &str, number: u32, may: &[Right]| Agent {
        id: id.into(),
        name: name.to_owned(),
        accounts: BTreeMap::from([
            (ChannelName::Telegram, number.to_string()),
            (ChannelName::Discord, (number + 100).to_string()),
        ]),
        may: may.iter().copied().collect::<BTreeSet<_>>(),
        teams: BTreeSet::new(),
    };
    Desks {
        places: vec![telegram.clone(), discord.clone()],
        agents: vec![
            agent("mia", "Mia", 501, &all),
            agent("tom", "Tom", 502, &all),
            agent("ken", "Ken", 503, &[Right::Take]),
            agent("ann", "Ann", 504, &[Right::Reply]),
        ],
        teams: BTreeMap::from([
            ("sales".to_owned(), Team::at(telegram)),
            ("service".to_owned(), Team::at(discord)),
        ]),
        shown_as: ShownAs::Name,
        waiting: Waiting::default(),
        customers_agreed: false,
    }
}
