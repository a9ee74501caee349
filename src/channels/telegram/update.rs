//! From an update's JSON to an `Inbound`. Reads only the few fields that are needed, into types of
//! its own: teloxide's full types drop a whole message when one entity or field is newer than they
//! are, and a customer's message must never vanish because Telegram added a feature.

use consultant_core::{
    Address, Attachment, ChannelName, Inbound, InboundEvent, InboundKey,
    desk::{AtDesk, DeskEvent},
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    files::{FileRef, Hanging},
    message::{Albums, Chat, Me, Message, User},
    place::Place,
};

/// The kinds of updates that Telegram is asked for; it sends no others.
pub(super) const KINDS: [&str; 4] = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
];

/// What an update is to us.
#[derive(Debug)]
pub(super) enum Read {
    /// Something that happened to a conversation.
    Heard(Box<Heard>),
    /// A group became a supergroup, which has another number.
    Migrated {
        /// The group's number until now.
        from: i64,
        /// Its number from now on.
        to: i64,
    },
    /// Nothing for us.
    Ignored,
    /// Not as the Bot API describes it.
    Unreadable,
}

/// Something that happened to a conversation.
#[derive(Debug)]
pub(super) struct Heard {
    /// What is to be stored, but for its file.
    pub(super) inbound: Inbound,
    /// A file that is still with Telegram, to be had before the inbound is stored.
    pub(super) file: Option<FileRef>,
    /// The pressed button's name for the press, to be answered once it is stored.
    pub(super) press: Option<String>,
}

/// A pressed button.
#[derive(Debug, Deserialize)]
struct Callback {
    id: String,
    from: User,
    message: Option<Message>,
    data: Option<String>,
}

/// The bot's own membership in a chat changed.
#[derive(Debug, Deserialize)]
struct Membership {
    chat: Chat,
    date: i64,
    new_chat_member: Member,
}

#[derive(Debug, Deserialize)]
struct Member {
    status: String,
}

/// Reads one update. `Unreadable` when a field that every update of its kind has is missing or odd.
pub(super) fn read(update: &Value, update_id: i64, me: &Me, albums: &Albums) -> Read {
    let known = KINDS
        .iter()
        .find_map(|kind| Some((*kind, update.get(*kind)?)));
    let key = InboundKey(format!("telegram:{}:{update_id}", me.id));
    let read = match known {
        None => return Read::Ignored,
        Some(("message", value)) => said(value, key, me, albums),
        Some(("edited_message", value)) => edited(value, key, me, albums),
        Some(("callback_query", value)) => pressed(value, key),
        Some((_, value)) => left(value, key),
    };
    read.unwrap_or(Read::Unreadable)
}

/// A new message; `None` where it cannot be read, as with its siblings below.
fn said(value: &Value, key: InboundKey, me: &Me, albums: &Albums) -> Option<Read> {
    let message = Message::deserialize(value).ok()?;
    if let Some(migrated) = migrated(&message) {
        return Some(migrated);
    }
    let sent_at = Timestamp::from_second(message.date).ok()?;
    let Some((customer, place)) = customer(&message) else {
        return Some(Read::Ignored);
    };
    let Some((mut event, hanging)) = message.event(me, albums) else {
        return Some(Read::Ignored);
    };
    let file = hang(&mut event, hanging);
    Some(heard(Heard {
        inbound: Inbound {
            locale: customer.language_code.clone(),
            message: Some(message.number.to_string().into()),
            album: message.album.clone(),
            quotes: message.quoted().map(|it| it.to_string().into()),
            ..Inbound::new(key, address(place), sent_at, event)
        },
        file,
        press: None,
    }))
}

/// An edit names the message that it changes.
fn edited(value: &Value, key: InboundKey, me: &Me, albums: &Albums) -> Option<Read> {
    let message = Message::deserialize(value).ok()?;
    let sent_at = Timestamp::from_second(message.edit_date.unwrap_or(message.date)).ok()?;
    let Some((customer, place)) = customer(&message) else {
        return Some(Read::Ignored);
    };
    let Some(text) = message.edited_words(me, albums) else {
        return Some(Read::Ignored);
    };
    let event = InboundEvent::Edited { text };
    Some(heard(Heard {
        inbound: Inbound {
            locale: customer.language_code.clone(),
            message: Some(message.number.to_string().into()),
            ..Inbound::new(key, address(place), sent_at, event)
        },
        file: None,
        press: None,
    }))
}

/// Buttons hang under the bot's own messages only, so whoever presses one speaks to it.
fn pressed(value: &Value, key: InboundKey) -> Option<Read> {
    let callback = Callback::deserialize(value).ok()?;
    let (Some(message), Some(press)) = (callback.message, callback.data) else {
        return Some(Read::Ignored);
    };
    // Telegram tells when the message was written (0 for an old one), not when it was pressed.
    let sent_at = Timestamp::from_second(message.date).ok()?;
    let Some(place) = message.place(callback.from.id) else {
        return Some(Read::Ignored);
    };
    let event = InboundEvent::Pressed { press };
    Some(heard(Heard {
        inbound: Inbound {
            locale: callback.from.language_code,
            message: Some(message.number.to_string().into()),
            ..Inbound::new(key, address(place), sent_at, event)
        },
        file: None,
        press: Some(callback.id),
    }))
}

/// A group from which the bot was thrown out holds many customers, of whom none left; what is sent
/// there will find that the place is gone.
fn left(value: &Value, key: InboundKey) -> Option<Read> {
    let membership = Membership::deserialize(value).ok()?;
    let sent_at = Timestamp::from_second(membership.date).ok()?;
    let status = membership.new_chat_member.status.as_str();
    if !membership.chat.is_private() || !matches!(status, "kicked" | "left") {
        return Some(Read::Ignored);
    }
    let place = Place {
        chat: membership.chat.id,
        thread: None,
        user: None,
    };
    Some(heard(Heard {
        inbound: Inbound::new(key, address(place), sent_at, InboundEvent::Left),
        file: None,
        press: None,
    }))
}

/// Both the old group and the new one tell of it; either is enough.
fn migrated(message: &Message) -> Option<Read> {
    let here = message.chat.id;
    match (message.migrate_to_chat_id, message.migrate_from_chat_id) {
        (Some(to), _) => Some(Read::Migrated { from: here, to }),
        (None, Some(from)) => Some(Read::Migrated { from, to: here }),
        (None, None) => None,
    }
}

/// Who wrote, unless it was a program, and where.
fn customer(message: &Message) -> Option<(&User, Place)> {
    let customer = message.from.as_ref().filter(|user| !user.is_bot)?;
    Some((customer, message.place(customer.id)?))
}

/// Hangs a place on the event; a file has to be had first.
fn hang(event: &mut InboundEvent, hanging: Option<Hanging>) -> Option<FileRef> {
    match hanging? {
        Hanging::File(file) => Some(file),
        Hanging::Place(place) => {
            attach(event, place);
            None
        }
    }
}

/// Hangs something on a message.
pub(super) fn attach(event: &mut InboundEvent, attachment: Attachment) {
    match event {
        InboundEvent::Message { attachments, .. }
        | InboundEvent::AtDesk(AtDesk {
            what: DeskEvent::Wrote { attachments, .. },
            ..
        }) => attachments.push(attachment),
        _ => {}
    }
}

fn address(place: Place) -> Address {
    Address::new(ChannelName::Telegram, place.to_string())
}

fn heard(heard: Heard) -> Read {
    Read::Heard(Box::new(heard))
}

#[cfg(test)]
mod tests;
