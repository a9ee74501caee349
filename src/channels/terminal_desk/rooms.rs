//! The desk's rooms. They have numbers, which are never given twice, and nothing stands in them but
//! what stands in the store: what a room is and what was said is read there, so that a restart loses
//! nothing and whoever is erased is gone from here too.

use consultant_core::{
    Address, Attachment, ChannelName, ConversationId, Happening, LedgerEvent, Owner, Priority,
    Session,
    ports::{DeliveryError, StoreError, WholeStore},
};
use tokio::sync::Mutex;

use super::wire::{LineInView, RoomInList, RoomName, RoomView};

/// The one place of this platform where a desk can be.
pub const HERE: &str = "here";

/// Before the number in a room's place. With a letter, so that it is no number that could be
/// somebody's on another platform.
const ROOM: &str = "here#r";

/// Under which name it is noted which number was given last.
const LAST: &str = "terminal_desk/last_room";

/// Rooms that a list looks at, the newest ones.
const ROOMS_LOOKED_AT: u64 = 1_000;

/// Lines of a room that is looked at.
const LINES: usize = 30;

/// The number of a room; `None` for any other place.
pub(super) fn number_of(address: &Address) -> Option<u64> {
    let number = address.place.strip_prefix(ROOM)?;
    (address.channel == ChannelName::TerminalDesk)
        .then(|| number.parse().ok())
        .flatten()
}

/// Where a room is.
pub(super) fn address_of(number: u64) -> Address {
    Address::new(ChannelName::TerminalDesk, format!("{ROOM}{number}"))
}

/// Gives numbers to rooms.
#[derive(Default)]
pub(super) struct Numbers(Mutex<Option<u64>>);

impl Numbers {
    /// A number that no room has or had. It is noted before it is used.
    pub(super) async fn next(&self, store: &dyn WholeStore) -> Result<u64, StoreError> {
        let mut last = self.0.lock().await;
        let mut next = match *last {
            Some(last) => last,
            None => noted(store).await?,
        } + 1;
        // Where the note was lost, as in a store that was moved without it.
        while store.at(&address_of(next)).await?.is_some() {
            next += 1;
        }
        store.bookmark(LAST, &next.to_string()).await?;
        *last = Some(next);
        Ok(next)
    }
}

async fn noted(store: &dyn WholeStore) -> Result<u64, StoreError> {
    let notes = store.bookmarks(LAST).await?;
    let last = notes.into_iter().find(|(name, _)| name == LAST);
    Ok(last
        .and_then(|(_, number)| number.parse().ok())
        .unwrap_or(0))
}

/// The room at an address, if it is one.
pub(super) async fn name_of(
    store: &dyn WholeStore,
    address: &Address,
) -> Result<Option<RoomName>, DeliveryError> {
    match number_of(address) {
        Some(number) => room_at(store, number).await.map(Some),
        None => Ok(None),
    }
}

/// A room by its name; without a customer where the conversation is gone.
pub(super) async fn room_at(
    store: &dyn WholeStore,
    number: u64,
) -> Result<RoomName, DeliveryError> {
    let conversation = store.at(&address_of(number)).await.map_err(unread)?;
    Ok(named(number, conversation))
}

fn named(number: u64, conversation: Option<ConversationId>) -> RoomName {
    let customer = conversation.map(short_name).unwrap_or_default();
    RoomName { number, customer }
}

/// A short name of a customer, as the titles of rooms have it too.
fn short_name(conversation: ConversationId) -> String {
    let (_, low) = conversation.0.as_u64_pair();
    format!("{:04x}", low & 0xffff)
}

/// The rooms, the most urgent ones first; `all` of them, or those that people are concerned with.
pub(super) async fn list(store: &dyn WholeStore, all: bool) -> Result<Vec<RoomInList>, StoreError> {
    let last = noted(store).await?;
    let first = last.saturating_sub(ROOMS_LOOKED_AT) + 1;
    let mut rooms = Vec::new();
    for number in first..=last {
        let Some(conversation) = store.at(&address_of(number)).await? else {
            continue;
        };
        let session = store.open(conversation).await?.session;
        if all || session.as_ref().is_some_and(concerns_this_desk) {
            rooms.push(in_list(named(number, Some(conversation)), session.as_ref()));
        }
    }
    rooms.sort_by_key(|room| (rank(room), room.since, room.room.number));
    Ok(rooms)
}

fn concerns_this_desk(session: &Session) -> bool {
    let case = session.case.as_ref();
    let is_here = case.is_some_and(|it| it.desk.channel == ChannelName::TerminalDesk);
    is_here && session.owner.concerns_people()
}

/// Who waits comes first, and of those who is most urgent.
fn rank(room: &RoomInList) -> (bool, std::cmp::Reverse<Priority>) {
    let named = Priority::NAMES.iter().find(|(_, it)| *it == room.priority);
    let priority = named.map_or(Priority::Normal, |(it, _)| *it);
    (room.owner != WAITING, std::cmp::Reverse(priority))
}

const WAITING: &str = "waiting";

fn in_list(room: RoomName, session: Option<&Session>) -> RoomInList {
    let escalation = session.and_then(|it| it.escalation.as_ref());
    let case = session.and_then(|it| it.case.as_ref());
    let title = escalation.map(|it| it.reason.clone());
    let title = title.filter(|it| !it.is_empty());
    let title = title.or_else(|| case.map(|it| it.title.clone()));
    let priority = escalation.map_or(Priority::Normal, |it| it.priority);
    let named = Priority::NAMES.iter().find(|(it, _)| *it == priority);
    let owner = session.map_or(&Owner::Bot, |it| &it.owner);
    let (word, since) = match owner {
        Owner::Bot => ("bot", None),
        Owner::Waiting { since } => (WAITING, Some(*since)),
        Owner::Agent { since, .. } => ("agent", Some(*since)),
        Owner::HandingBack { .. } => ("handing_back", None),
        Owner::Closed { since } => ("closed", Some(*since)),
    };
    RoomInList {
        room,
        title: title.unwrap_or_default(),
        priority: named.map_or("normal", |it| it.1).to_owned(),
        owner: word.to_owned(),
        agent: owner.agent().map(ToString::to_string),
        since,
    }
}

/// What is known of a room; `None` where there is none of this number.
pub(super) async fn view(
    store: &dyn WholeStore,
    number: u64,
) -> Result<Option<RoomView>, StoreError> {
    let Some(conversation) = store.at(&address_of(number)).await? else {
        return Ok(None);
    };
    let session = store.open(conversation).await?.session;
    let ledger = store.ledger(conversation).await?;
    let mut lines: Vec<LineInView> = ledger.iter().flat_map(lines_of).collect();
    lines.drain(..lines.len().saturating_sub(LINES));
    let case = session.as_ref().and_then(|it| it.case.as_ref());
    Ok(Some(RoomView {
        card: case.map(|it| it.card.clone()).unwrap_or_default(),
        room: in_list(named(number, Some(conversation)), session.as_ref()),
        lines,
    }))
}

/// What was said by an event.
fn lines_of(event: &LedgerEvent) -> Vec<LineInView> {
    let line = |by: &str, name: Option<String>, text: &str| LineInView {
        at: event.at,
        by: by.to_owned(),
        name,
        text: text.to_owned(),
    };
    let lines = match &event.what {
        Happening::Answered { said, replied, .. } => {
            vec![line(CUSTOMER, None, said), line("bot", None, replied)]
        }
        Happening::Heard { said, .. } => vec![line(CUSTOMER, None, said)],
        Happening::Edited { text } => vec![line(CUSTOMER, None, &format!("✎ {text}"))],
        Happening::Attached { attachments } => {
            let files = attachments.iter().map(attached);
            files.map(|it| line(CUSTOMER, None, &it)).collect()
        }
        Happening::AgentSaid { by, said, .. } => vec![line("agent", Some(by.to_string()), said)],
        Happening::AgentCorrected { by, said, .. } if said.is_empty() => {
            vec![line("agent", Some(by.to_string()), "✗ took a message back")]
        }
        Happening::AgentCorrected { by, said, .. } => {
            vec![line("agent", Some(by.to_string()), &format!("✎ {said}"))]
        }
        Happening::Noted { by, note } => vec![line("note", Some(by.to_string()), note)],
        Happening::FollowedUp { text } | Happening::Reminded { text } => {
            vec![line("bot", None, text)]
        }
        _ => Vec::new(),
    };
    lines.into_iter().filter(|it| !it.text.is_empty()).collect()
}

const CUSTOMER: &str = "customer";

fn attached(attachment: &Attachment) -> String {
    match attachment {
        Attachment::File { name, .. } => format!("📎 {}", name.as_deref().unwrap_or_default()),
        Attachment::Location { .. } => "📍".to_owned(),
    }
}

/// A store that cannot be read is asked again.
pub(super) fn unread(error: StoreError) -> DeliveryError {
    DeliveryError::Retry {
        what: "reading a room of the terminal desk",
        source: error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_known_by_its_place() {
        assert_eq!(number_of(&address_of(7)), Some(7));
        for (channel, place) in [
            (ChannelName::TerminalDesk, HERE),
            (ChannelName::TerminalDesk, "here#7"),
            (ChannelName::TerminalDesk, "here#r"),
            (ChannelName::TerminalDesk, "here#r7x"),
            (ChannelName::Terminal, "here#r7"),
        ] {
            assert_eq!(number_of(&Address::new(channel, place)), None, "{place}");
        }
    }
}
