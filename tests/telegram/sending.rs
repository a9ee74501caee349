//! What the bot writes: messages, files, edits, drafts, with the limits that they share.

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::{
    call::{Call, FILES},
    callback,
    files::File,
    methods::writable_chat,
    server::{Outcome, Refusal, flooded, refuse},
    state::{Chat, State, Stored, bot},
    text,
    topics::Right,
};

type Parameters = Map<String, Value>;

/// The largest file that a bot may send, and the largest picture among them.
const LARGEST_FILE: usize = 50 * 1024 * 1024;
const LARGEST_PHOTO: usize = 10 * 1024 * 1024;

/// Sends words.
pub(super) fn send(state: &mut State, parameters: &Parameters) -> Outcome {
    let chat = writable_chat(state, parameters)?;
    let words = text::read(state, parameters)?;
    write(state, chat, parameters, |message| words.write_to(message))
}

/// Sends a file, with words under it or none: one that came with the call, or one that Telegram
/// has already.
pub(super) fn send_file(state: &mut State, call: &Call, key: &'static str) -> Outcome {
    let parameters = &call.parameters;
    let chat = writable_chat(state, parameters)?;
    let words = text::read_caption(state, parameters)?;
    if !chat_of(state, chat).is_some_and(|chat| chat.allows(Right::SendFiles)) {
        let what = format!("Bad Request: not enough rights to send {key}s to the chat");
        return refuse(400, what);
    }
    let named = parameters.get(key).and_then(Value::as_str);
    let named = named.unwrap_or_default();
    let upload = named.strip_prefix("attach://");
    let file = match upload.map(|part| call.files.get(part)) {
        Some(Some(upload)) => {
            check_upload(key, &upload.bytes)?;
            let number = state.number();
            Some(File::new(key, &upload.name, upload.bytes.clone()).numbered(number))
        }
        Some(None) => None,
        None => state.files.get(named).cloned(),
    };
    let Some(file) = file else {
        return refuse(400, "Bad Request: wrong file identifier/HTTP URL specified");
    };
    state.keep(&file);
    write(state, chat, parameters, |message| {
        message[key] = file.fields()[key].take();
        words.write_under(message);
    })
}

fn check_upload(key: &str, bytes: &[u8]) -> Result<(), Refusal> {
    let is_picture = bytes.starts_with(&[0xff, 0xd8, 0xff])
        || bytes.starts_with(b"\x89PNG")
        || bytes.starts_with(b"RIFF");
    match bytes.len() {
        0 => refuse(400, "Bad Request: file must be non-empty"),
        large if large > LARGEST_FILE => refuse(413, "Request Entity Too Large"),
        large if key == "photo" && large > LARGEST_PHOTO => {
            refuse(400, "Bad Request: file of size is too big for a photo")
        }
        _ if key == "photo" && !is_picture => refuse(400, "Bad Request: IMAGE_PROCESS_FAILED"),
        _ => Ok(()),
    }
}

/// What every sent message has, with a content of its own.
fn write(
    state: &mut State,
    chat: i64,
    parameters: &Parameters,
    fill: impl FnOnce(&mut Value),
) -> Outcome {
    let topic = topic(state, chat, parameters)?;
    let replied = replied(state, chat, parameters)?;
    let keyboard = callback::keyboard(parameters)?;
    take_turn(state, chat)?;
    let mut message = state.message(chat, &bot());
    fill(&mut message);
    hang_under(&mut message, keyboard, parameters);
    // A draft is what the message was, before it was sent.
    if let Some(chat) = state.chats.get_mut(&chat) {
        chat.draft = None;
    }
    if let Some(topic) = topic {
        message["message_thread_id"] = json!(topic);
        message["is_topic_message"] = json!(true);
    }
    if let Some(replied) = replied {
        message["reply_to_message"] = replied;
    }
    state.store(chat, &message);
    Ok(message)
}

/// Changes the words of an own message, and what hangs under it.
pub(super) fn edit(state: &mut State, parameters: &Parameters) -> Outcome {
    let chat = writable_chat(state, parameters)?;
    let number = parameters.get("message_id").and_then(Value::as_i64);
    let number = number.unwrap_or_default();
    let words = text::read(state, parameters)?;
    change(state, (chat, number), parameters, |new| {
        if new.get("text").is_none() {
            return refuse(400, "Bad Request: there is no text in the message to edit");
        }
        words.write_to(new);
        Ok(())
    })
}

/// Changes the words under an own file, and what hangs under it.
pub(super) fn edit_caption(state: &mut State, parameters: &Parameters) -> Outcome {
    let chat = writable_chat(state, parameters)?;
    let number = parameters.get("message_id").and_then(Value::as_i64);
    let number = number.unwrap_or_default();
    let words = text::read_caption(state, parameters)?;
    change(state, (chat, number), parameters, |new| {
        if !FILES.into_iter().any(|key| new.get(key).is_some()) {
            let what = "Bad Request: there is no caption in the message to edit";
            return refuse(400, what);
        }
        for key in ["caption", "caption_entities"] {
            new.as_object_mut().map(|fields| fields.remove(key));
        }
        words.write_under(new);
        Ok(())
    })
}

fn change(
    state: &mut State,
    (chat, number): (i64, i64),
    parameters: &Parameters,
    rewrite: impl FnOnce(&mut Value) -> Result<(), Refusal>,
) -> Outcome {
    let found = chat_of(state, chat).and_then(|chat| chat.messages.get(&number));
    let Some(old) = found.map(|stored| stored.json.clone()) else {
        return refuse(400, "Bad Request: message to edit not found");
    };
    if old["from"]["id"] != bot()["id"] {
        return refuse(400, "Bad Request: message can't be edited");
    }
    let mut new = old.clone();
    rewrite(&mut new)?;
    hang_under(&mut new, callback::keyboard(parameters)?, parameters);
    if new == old {
        return refuse(
            400,
            "Bad Request: message is not modified: specified new message content and reply markup \
             are exactly the same as a current content and reply markup of the message",
        );
    }
    take_turn(state, chat)?;
    new["edit_date"] = old["date"].clone();
    if let Some(stored) = stored(state, chat, number) {
        stored.json = new.clone();
        stored.edits += 1;
    }
    Ok(new)
}

/// A text that is still being written: shown in a private chat until a message is sent.
pub(super) fn draft(state: &mut State, parameters: &Parameters) -> Outcome {
    let chat = writable_chat(state, parameters)?;
    let words = text::read(state, parameters)?;
    if chat < 0 {
        return refuse(400, "Bad Request: TEXTDRAFT_PEER_INVALID");
    }
    let number = parameters.get("draft_id").and_then(Value::as_i64);
    let Some(number) = number.filter(|number| *number != 0) else {
        return refuse(400, "Bad Request: draft_id must be non-zero");
    };
    let mut shown = json!({});
    words.write_to(&mut shown);
    let text = shown["text"].as_str().unwrap_or_default().to_owned();
    if let Some(chat) = state.chats.get_mut(&chat) {
        chat.draft = Some((number, text.clone()));
        chat.drafts_shown.push(text);
    }
    Ok(json!(true))
}

/// As on Telegram, what is not named is taken away.
fn hang_under(message: &mut Value, keyboard: Option<Value>, parameters: &Parameters) {
    let preview = parameters.get("link_preview_options").cloned();
    for (key, value) in [
        ("reply_markup", keyboard),
        ("link_preview_options", preview),
    ] {
        match (value, message.as_object_mut()) {
            (Some(value), _) => message[key] = value,
            (None, Some(fields)) => drop(fields.remove(key)),
            (None, None) => {}
        }
    }
}

/// The topic to write to. The General topic is the absence of one.
pub(super) fn topic(
    state: &State,
    chat: i64,
    parameters: &Parameters,
) -> Result<Option<i64>, Refusal> {
    let Some(topic) = parameters.get("message_thread_id").and_then(Value::as_i64) else {
        return Ok(None);
    };
    let found = chat_of(state, chat).and_then(|chat| chat.topics.get(&topic));
    match found {
        Some(found) if found.open => Ok(Some(topic)),
        Some(_) => refuse(400, "Bad Request: TOPIC_CLOSED"),
        None => refuse(400, "Bad Request: message thread not found"),
    }
}

/// The message that is replied to, without its own reply.
fn replied(state: &State, chat: i64, parameters: &Parameters) -> Result<Option<Value>, Refusal> {
    let Some(reply) = parameters.get("reply_parameters") else {
        return Ok(None);
    };
    let number = reply["message_id"].as_i64().unwrap_or_default();
    let found = chat_of(state, chat).and_then(|chat| chat.messages.get(&number));
    match found {
        Some(stored) => Ok(Some(without_reply(&stored.json))),
        None if reply["allow_sending_without_reply"] == json!(true) => Ok(None),
        None => refuse(400, "Bad Request: message to be replied not found"),
    }
}

/// As Telegram sends it: a message that is replied to shows no reply of its own.
pub(super) fn without_reply(message: &Value) -> Value {
    let mut message = message.clone();
    if let Some(fields) = message.as_object_mut() {
        fields.remove("reply_to_message");
    }
    message
}

/// Flood control: so many messages, edits included, within so long.
fn take_turn(state: &mut State, chat: i64) -> Result<(), Refusal> {
    let Some((most, window)) = state.flood else {
        return Ok(());
    };
    let now = Instant::now();
    let Some(chat) = state.chats.get_mut(&chat) else {
        return Ok(());
    };
    chat.written
        .retain(|time| now.duration_since(*time) < window);
    if let (true, Some(oldest)) = (chat.written.len() >= most, chat.written.front()) {
        let left = window.saturating_sub(now.duration_since(*oldest));
        return flooded(left.as_secs() + 1).map(drop);
    }
    chat.written.push_back(now);
    Ok(())
}

fn chat_of(state: &State, chat: i64) -> Option<&Chat> {
    state.chats.get(&chat)
}

fn stored(state: &mut State, chat: i64, number: i64) -> Option<&mut Stored> {
    state.chats.get_mut(&chat)?.messages.get_mut(&number)
}

/// A bot may take its own messages back.
pub(super) fn delete(state: &mut State, parameters: &Parameters) -> Outcome {
    let chat = writable_chat(state, parameters)?;
    let number = parameters.get("message_id").and_then(Value::as_i64);
    let number = number.unwrap_or_default();
    let messages = state.chats.get_mut(&chat).map(|chat| &mut chat.messages);
    match messages.and_then(|messages| messages.remove(&number)) {
        Some(message) if message.json["from"]["id"] == bot()["id"] => Ok(json!(true)),
        Some(message) => {
            state.store(chat, &message.json);
            refuse(400, "Bad Request: message can't be deleted")
        }
        None => refuse(400, "Bad Request: message to delete not found"),
    }
}
