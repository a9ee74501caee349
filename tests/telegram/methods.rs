//! The methods, with the limits that the platform itself enforces.

use serde_json::{Map, Value, json};

use super::{
    call::Call,
    callback, files,
    people::GENERAL,
    sending,
    server::{Outcome, Refusal, refuse},
    state::{Chat, Shared, State, Webhook, bot},
    topics,
};

type Parameters = Map<String, Value>;

const METHODS: [&str; 25] = [
    "getMe",
    "getUpdates",
    "sendMessage",
    "sendDocument",
    "editMessageText",
    "deleteMessage",
    "sendChatAction",
    "setMyCommands",
    "deleteWebhook",
    "getWebhookInfo",
    "setWebhook",
    "sendMessageDraft",
    "answerCallbackQuery",
    "getFile",
    "sendPhoto",
    "sendVoice",
    "sendAudio",
    "sendVideo",
    "editMessageCaption",
    "createForumTopic",
    "editForumTopic",
    "closeForumTopic",
    "reopenForumTopic",
    "deleteForumTopic",
    "pinChatMessage",
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
pub(super) fn perform(shared: &Shared, call: &Call) -> Outcome {
    let parameters = &call.parameters;
    shared.change(|state| match call.method {
        "getMe" => Ok(me()),
        "sendMessage" => sending::send(state, parameters),
        "sendDocument" => sending::send_file(state, call, "document"),
        "sendPhoto" => sending::send_file(state, call, "photo"),
        "sendVoice" => sending::send_file(state, call, "voice"),
        "sendAudio" => sending::send_file(state, call, "audio"),
        "sendVideo" => sending::send_file(state, call, "video"),
        "editMessageText" => sending::edit(state, parameters),
        "editMessageCaption" => sending::edit_caption(state, parameters),
        "deleteMessage" => sending::delete(state, parameters),
        "sendChatAction" => act(state, parameters),
        "setMyCommands" => set_menu(state, parameters),
        "deleteWebhook" => Ok(delete_webhook(state, parameters)),
        "getWebhookInfo" => Ok(webhook_info(state)),
        "setWebhook" => set_webhook(state, parameters),
        "sendMessageDraft" => sending::draft(state, parameters),
        "answerCallbackQuery" => callback::answer(state, parameters),
        "getFile" => files::get(state, parameters),
        _ => topics::perform(state, call),
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

fn act(state: &mut State, parameters: &Parameters) -> Outcome {
    let chat = writable_chat(state, parameters)?;
    // Other than messages, an action names General by its number.
    let topic = parameters.get("message_thread_id");
    let forum = state.chats.get(&chat).is_some_and(Chat::is_forum);
    if !(forum && topic == Some(&json!(GENERAL))) {
        sending::topic(state, chat, parameters)?;
    }
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
pub(super) fn writable_chat(state: &State, parameters: &Parameters) -> Result<i64, Refusal> {
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
