//! A platform of paper: walls with messages, one a place, and rooms at a desk. It does at once what it
//! is told, unless it is away.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use consultant_core::{
    Address, ChannelName, Receipt,
    ports::{
        Channel, ChannelLimits, DeliveryError, KnownRooms, Post, Preview, Room, Rooms, WholeStore,
    },
};

/// A platform.
pub struct Wall {
    name: ChannelName,
    store: Arc<dyn WholeStore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    places: BTreeMap<String, Vec<Message>>,
    sent: usize,
    rooms: usize,
    /// Places that nobody reaches for now.
    away: BTreeSet<String>,
    /// Places that are gone for good.
    gone: BTreeSet<String>,
    /// What rooms are called now.
    titles: BTreeMap<String, String>,
    /// Rooms that are closed.
    closed: BTreeSet<String>,
    /// Everything that was shown for the first time, in order.
    log: Vec<Shown>,
}

/// Something that was shown, at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Where.
    pub place: String,
    /// What.
    pub text: String,
    /// Whether a person had the conversation then.
    pub of_a_person: bool,
}

/// A message on a wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its name.
    pub receipt: String,
    /// Its words, and its file's name in brackets.
    pub text: String,
    /// Labels of the buttons under it.
    pub buttons: Vec<String>,
    /// The message that it answers.
    pub quote: Option<String>,
    /// Bytes of its file.
    pub file: Option<Vec<u8>>,
}

impl Wall {
    /// An empty one. The store tells who has a conversation when something is shown in it.
    pub fn new(name: ChannelName, store: Arc<dyn WholeStore>) -> Self {
        let state = Mutex::default();
        Self { name, store, state }
    }

    async fn is_a_persons(&self, place: &Address) -> bool {
        let Ok(Some(conversation)) = self.store.at(place).await else {
            return false;
        };
        let opened = self.store.open(conversation).await.ok();
        let session = opened.and_then(|opened| opened.session);
        session.is_some_and(|session| session.owner.is_person())
    }

    /// What stands in a place, oldest first.
    pub fn at(&self, place: &str) -> Vec<Message> {
        self.lock().places.get(place).cloned().unwrap_or_default()
    }

    /// Every room of a desk, in the order of their opening.
    pub fn rooms_of(&self, desk: &str) -> Vec<String> {
        let state = self.lock();
        let rooms = state.places.keys();
        let own = rooms.filter(|room| is_room(desk, room));
        own.cloned().collect()
    }

    /// What a room is called now, and whether it is open.
    pub fn room(&self, room: &str) -> (String, bool) {
        let state = self.lock();
        let title = state.titles.get(room).cloned().unwrap_or_default();
        (title, !state.closed.contains(room))
    }

    /// All that was ever shown, in order.
    pub fn log(&self) -> Vec<Shown> {
        self.lock().log.clone()
    }

    /// Nobody reaches this place and its rooms until it is back.
    pub fn goes_away(&self, place: &str) {
        self.lock().away.insert(place.to_owned());
    }

    /// It can be reached again.
    pub fn comes_back(&self, place: &str) {
        self.lock().away.remove(place);
    }

    /// Somebody deletes a room with all that stands in it.
    pub fn deletes(&self, place: &str) {
        let mut state = self.lock();
        state.places.remove(place);
        state.gone.insert(place.to_owned());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn reach(&self, place: &str) -> Result<(), DeliveryError> {
        if self.gone.contains(place) {
            return Err(DeliveryError::Gone(place.to_owned()));
        }
        let is_away = |away: &String| place == away || is_room(away, place);
        if self.away.iter().any(is_away) {
            return Err(DeliveryError::Wait {
                after: std::time::Duration::from_millis(5),
            });
        }
        Ok(())
    }

    fn put(&mut self, place: &str, post: Post<'_>, of_a_person: bool) -> Receipt {
        self.sent += 1;
        let message = message(self.sent, post);
        self.log.push(Shown {
            place: place.to_owned(),
            text: message.text.clone(),
            of_a_person,
        });
        let receipt = Receipt(message.receipt.clone());
        self.places
            .entry(place.to_owned())
            .or_default()
            .push(message);
        receipt
    }

    fn find(&mut self, place: &str, receipt: &Receipt) -> Result<&mut Message, DeliveryError> {
        let messages = self.places.entry(place.to_owned()).or_default();
        let found = messages.iter_mut().find(|it| it.receipt == receipt.0);
        found.ok_or_else(|| DeliveryError::Missing(receipt.0.clone()))
    }
}

fn message(number: usize, post: Post<'_>) -> Message {
    let buttons = post.card.map(|card| &card.buttons).into_iter().flatten();
    let file = post.file.map(|file| format!("[{}]", file.name));
    Message {
        receipt: number.to_string(),
        text: file.unwrap_or_default() + post.text,
        buttons: buttons.map(|it| it.label.clone()).collect(),
        quote: post.quote.map(ToString::to_string),
        file: post.file.map(|file| file.content.to_vec()),
    }
}

fn is_room(desk: &str, room: &str) -> bool {
    room.strip_prefix(desk)
        .is_some_and(|rest| rest.starts_with('#'))
}

#[async_trait]
impl Channel for Wall {
    fn name(&self) -> ChannelName {
        self.name
    }

    fn limits(&self, _: &Address) -> ChannelLimits {
        ChannelLimits {
            message_utf16_units: 4096,
            preview: Preview::No,
            typing_interval: None,
        }
    }

    async fn send(&self, to: &Address, post: Post<'_>) -> Result<Receipt, DeliveryError> {
        let of_a_person = self.is_a_persons(to).await;
        let mut state = self.lock();
        state.reach(&to.place)?;
        Ok(state.put(&to.place, post, of_a_person))
    }

    async fn edit(
        &self,
        to: &Address,
        receipt: &Receipt,
        post: Post<'_>,
    ) -> Result<(), DeliveryError> {
        let mut state = self.lock();
        state.reach(&to.place)?;
        let found = state.find(&to.place, receipt)?;
        post.text.clone_into(&mut found.text);
        Ok(())
    }

    async fn delete(&self, to: &Address, receipt: &Receipt) -> Result<(), DeliveryError> {
        let mut state = self.lock();
        state.reach(&to.place)?;
        state.find(&to.place, receipt)?;
        let messages = state.places.entry(to.place.clone()).or_default();
        messages.retain(|it| it.receipt != receipt.0);
        Ok(())
    }

    async fn draft(&self, _: &Address, _: Post<'_>) -> Result<(), DeliveryError> {
        Err(DeliveryError::Refused("no drafts here".to_owned()))
    }

    async fn typing(&self, _: &Address) -> Result<(), DeliveryError> {
        Ok(())
    }
}

#[async_trait]
impl Rooms for Wall {
    fn name(&self) -> ChannelName {
        self.name
    }

    fn holds(&self, desk: &Address, room: &Address) -> bool {
        desk.channel == room.channel && is_room(&desk.place, &room.place)
    }

    fn is_deleted(&self, _: &str) -> bool {
        true
    }

    async fn open_room(
        &self,
        (desk, known): (&Address, &dyn KnownRooms),
        title: &str,
        card: Post<'_>,
    ) -> Result<Room, DeliveryError> {
        let place = {
            let mut state = self.lock();
            state.reach(&desk.place)?;
            state.rooms += 1;
            format!("{}#{}", desk.place, state.rooms)
        };
        known
            .opened(&Address::new(self.name, place.clone()))
            .await?;
        let mut state = self.lock();
        state.titles.insert(place.clone(), title.to_owned());
        let text = format!("[{title}]\n{}", card.text);
        let card = Post {
            text: &text,
            ..card
        };
        let card = state.put(&place, card, false);
        let address = Address::new(self.name, place);
        Ok(Room { address, card })
    }

    async fn name_room(&self, room: &Address, title: &str) -> Result<(), DeliveryError> {
        let mut state = self.lock();
        state.titles.insert(room.place.clone(), title.to_owned());
        Ok(())
    }

    async fn set_open(&self, room: &Address, open: bool) -> Result<(), DeliveryError> {
        let mut state = self.lock();
        if open {
            state.closed.remove(&room.place);
        } else {
            state.closed.insert(room.place.clone());
        }
        Ok(())
    }
}

/// Nobody who wants to know of rooms.
pub struct Unheard;

#[async_trait]
impl KnownRooms for Unheard {
    async fn opened(&self, _: &Address) -> Result<(), DeliveryError> {
        Ok(())
    }

    async fn gone(&self, _: &Address) {}
}
