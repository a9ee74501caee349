//! The methods, with the limits that the platform itself enforces.

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::{
    callback, files,
    server::{Outcome, Refusal, flooded, refuse},
    state::{Chat, Shared, State, Webhook, bot},
    text,
};

type Parameters = Map<String, Value>;

const METHODS: [&str; 12] = [
    "getMe",
    "getUpdates",
    "sendMessage",
    "editMessageText",
    "sendChatAction",
    "setMyCommands",
    "deleteWebhook",
    "getWebhookInfo",
    "setWebhook",
    "sendMessageDraft",
    "answerCallbackQuery",
    "getFile",
];

const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

/// The method's own spelling, if the double has it; names are compared without case.
pub(super) fn known(name: &str) -> Option<&'static str> {
    let mut methods = METHODS.into_iter();
    methods.find(|method| method.eq_ignore_ascii_case(name))
}

/// Carries out a method other than `getUpdates`.
pub(super) fn perform(shared: &Shared, method: &str, parameters: &Parameters) -> Outcome {
    shared.change(|state| match method {
        "getMe" => Ok(me()),
        "sendMessage" => send(state, parameters),
        "editMessageText" => edit(state, parameters),
        "sendChatAction" => act(state, parameters),
        "setMyCommands" => set_menu(state, parameters),
        "deleteWebhook" => Ok(delete_webhook(state, parameters)),
        "getWebhookInfo" => Ok(webhook_info(state)),
        "setWebhook" => set_webhook(state, parameters),
        "sendMessageDraft" => draft(state, parameters),
        "answerCallbackQuery" => callback::answer(state, parameters),
        "getFile" => files::get(state, parameters),
        _ => refuse(404, "Not Found"),
    })
}

/// What `getMe` answers.
pub(super) fn me() -> Value {
    let mut me = bot();
    for (key, value) in [
        ("can_join_groups", true),
        ("can_read_all_group_messages", true),
        ("supports_inline_queries", false),
        ("can_connect_to_business", false),
        ("has_main_web_app", false),
    ] {
        me[key] = json!(value);
    }
    me
}

fn send(state: &mut State, parameters: &Parameters) -> Outcome {
    let chat = writable_chat(state, parameters)?;
    let words = text::read(state, parameters)?;
    let topic = topic(state, chat, parameters)?;
    let replied = replied(state, chat, parameters)?;
    let keyboard = callback::keyboard(parameters)?;
    take_turn(state, chat)?;
    let mut message = state.message(chat, &bot());
    words.write_to(&mut message);
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

fn edit(state: &mut State, parameters: &Parameters) -> Outcome {
    let chat = writable_chat(state, parameters)?;
    let number = parameters.get("message_id").and_then(Value::as_i64);
    let number = number.unwrap_or_default();
    let words = text::read(state, parameters)?;
    let found = chat_of(state, chat).and_then(|chat| chat.messages.get(&number));
    let Some(old) = found.map(|stored| stored.json.clone()) else {
        return refuse(400, "Bad Request: message to edit not found");
    };
    if old["from"]["id"] != bot()["id"] {
        return refuse(400, "Bad Request: message can't be edited");
    }
    let mut new = old.clone();
    words.write_to(&mut new);
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

/// A text that is still being written: shown in a private chat until a message is sent.
fn draft(state: &mut State, parameters: &Parameters) -> Outcome {
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

fn act(state: &mut State, parameters: &Parameters) -> Outcome {
    let chat = writable_chat(state, parameters)?;
    topic(state, chat, parameters)?;
    let action = parameters.get("action").and_then(Value::as_str);
    if !action.is_some_and(|action| ACTIONS.contains(&action)) {
        return refuse(400, "Bad Request: wrong parameter action in request");
    }
    if let Some(chat) = state.chats.get_mut(&chat) {
        chat.typing += usize::from(action == Some("typing"));
    }
    Ok(json!(true))
}

fn set_menu(state: &mut State, parameters: &Parameters) -> Outcome {
    let commands = parameters.get("commands").and_then(Value::as_array);
    let mut names = Vec::new();
    for command in commands.into_iter().flatten() {
        let name = command["command"].as_str().unwrap_or_default();
        let description = command["description"].as_str().unwrap_or_default();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || name.len() > 32 || !name.chars().all(plain) {
            return refuse(400, "Bad Request: BOT_COMMAND_INVALID");
        }
        if !(1..=256).contains(&description.chars().count()) {
            return refuse(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID");
        }
        names.push(name.to_owned());
    }
    let language = parameters.get("language_code").and_then(Value::as_str);
    let language = language.unwrap_or_default().to_owned();
    state.menus.insert(language, names);
    Ok(json!(true))
}

fn delete_webhook(state: &mut State, parameters: &Parameters) -> Value {
    state.webhook = None;
    if parameters.get("drop_pending_updates") == Some(&json!(true)) {
        state.queue.clear();
    }
    json!(true)
}

fn set_webhook(state: &mut State, parameters: &Parameters) -> Outcome {
    let text = |name: &str| parameters.get(name).and_then(Value::as_str);
    let secret = text("secret_token").unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if secret.len() > 256 || !secret.chars().all(plain) {
        return refuse(
            400,
            "Bad Request: secret token contains unallowed characters",
        );
    }
    let connections = parameters.get("max_connections").and_then(Value::as_u64);
    if let Some(Value::Array(kinds)) = parameters.get("allowed_updates") {
        let kinds = kinds.iter().filter_map(Value::as_str);
        state.allowed = Some(kinds.map(str::to_owned).collect());
    }
    let url = text("url").unwrap_or_default().to_owned();
    state.webhook = (!url.is_empty()).then(|| Webhook {
        url,
        secret: secret.to_owned(),
        connections: connections
            .and_then(|it| usize::try_from(it).ok())
            .unwrap_or(40),
    });
    Ok(json!(true))
}

fn webhook_info(state: &State) -> Value {
    json!({
        "url": state.webhook.as_ref().map_or("", |webhook| webhook.url.as_str()),
        "has_custom_certificate": false,
        "pending_update_count": state.queue.len(),
    })
}

/// The chat, if it exists and nobody blocked the bot there.
fn writable_chat(state: &State, parameters: &Parameters) -> Result<i64, Refusal> {
    let number = match parameters.get("chat_id") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_i64(),
        None => None,
    };
    let Some(number) = number else {
        return refuse(400, "Bad Request: chat_id is empty");
    };
    if let Some(to) = state.migrated.get(&number) {
        return Err(Refusal {
            moved_to: Some(*to),
            ..Refusal::new(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
            )
        });
    }
    match state.chats.get(&number) {
        None => refuse(400, "Bad Request: chat not found"),
        Some(chat) if chat.blocked && number < 0 => {
            refuse(403, "Forbidden: bot was kicked from the supergroup chat")
        }
        Some(chat) if chat.blocked => refuse(403, "Forbidden: bot was blocked by the user"),
        Some(_) => Ok(number),
    }
}

/// The topic to write to. The General topic is the absence of one.
fn topic(state: &State, chat: i64, parameters: &Parameters) -> Result<Option<i64>, Refusal> {
    let Some(topic) = parameters.get("message_thread_id").and_then(Value::as_i64) else {
        return Ok(None);
    };
    let exists = chat_of(state, chat).is_some_and(|chat| chat.topics.contains(&topic));
    if exists {
        return Ok(Some(topic));
    }
    refuse(400, "Bad Request: message thread not found")
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

fn stored(state: &mut State, chat: i64, number: i64) -> Option<&mut super::state::Stored> {
    state.chats.get_mut(&chat)?.messages.get_mut(&number)
}
