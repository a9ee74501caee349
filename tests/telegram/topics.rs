//! Topics of a forum: the methods about them, the bot's rights, and pins.

use serde_json::{Map, Value, json};

use super::{
    call::Call,
    methods::writable_chat,
    server::{Outcome, Refusal, refuse},
    state::{Chat, State, Topic, bot},
};

type Parameters = Map<String, Value>;

/// The longest name of a topic.
const LONGEST_NAME: usize = 128;

/// The colour of a topic whose opener chose none.
const COLOUR: i64 = 7_322_096;

/// What a group may forbid to a bot that may write in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// *Manage Topics*.
    ManageTopics,
    /// *Pin Messages*.
    PinMessages,
    /// *Delete Messages*, which deleting a topic needs.
    DeleteMessages,
    /// Sending anything but words.
    SendFiles,
}

/// Carries out a method about topics or pins.
pub(super) fn perform(state: &mut State, call: &Call) -> Outcome {
    let parameters = &call.parameters;
    match call.method {
        "createForumTopic" => create(state, parameters),
        "editForumTopic" => rename(state, parameters),
        "closeForumTopic" => set_open(state, parameters, false),
        "reopenForumTopic" => set_open(state, parameters, true),
        "deleteForumTopic" => delete(state, parameters),
        "pinChatMessage" => pin(state, parameters),
        _ => refuse(404, "Not Found"),
    }
}

/// Opens a topic in somebody's name. Returns its number and the message that tells of it.
pub(super) fn open(state: &mut State, chat: i64, name: &str, by: &Value) -> (i64, Value) {
    let mut created = state.message(chat, by);
    let number = created["message_id"].as_i64().unwrap_or_default();
    created["message_thread_id"] = json!(number);
    created["is_topic_message"] = json!(true);
    created["forum_topic_created"] = json!({"name": name, "icon_color": COLOUR});
    state.store(chat, &created);
    let chat = state.chats.get_mut(&chat).filter(|chat| chat.is_forum());
    assert!(chat.is_some(), "only a forum has topics");
    if let Some(chat) = chat {
        let name = name.to_owned();
        chat.topics.insert(number, Topic { name, open: true });
    }
    (number, created)
}

/// Something happened to a topic, of which a message in it tells. Returns that message.
pub(super) fn tell(
    state: &mut State,
    (chat, topic): (i64, i64),
    by: &Value,
    (key, what): (&str, Value),
) -> Value {
    let mut told = state.message(chat, by);
    told["message_thread_id"] = json!(topic);
    told["is_topic_message"] = json!(true);
    told[key] = what;
    state.store(chat, &told);
    told
}

/// A topic goes with all that was written in it.
pub(super) fn remove(state: &mut State, chat: i64, topic: i64) -> bool {
    let Some(chat) = state.chats.get_mut(&chat) else {
        return false;
    };
    let there = json!(topic);
    chat.messages
        .retain(|_, stored| stored.json["message_thread_id"] != there);
    chat.topics.remove(&topic).is_some()
}

fn create(state: &mut State, parameters: &Parameters) -> Outcome {
    let chat = manageable(state, parameters, "create")?;
    let name = name(parameters)?;
    let (number, _) = open(state, chat, &name, &bot());
    Ok(json!({"message_thread_id": number, "name": name, "icon_color": COLOUR}))
}

fn rename(state: &mut State, parameters: &Parameters) -> Outcome {
    let chat = manageable(state, parameters, "edit")?;
    let name = name(parameters)?;
    let (number, topic) = topic(state, chat, parameters)?;
    if topic.name == name {
        return refuse(400, "Bad Request: TOPIC_NOT_MODIFIED");
    }
    topic.name.clone_from(&name);
    let change = ("forum_topic_edited", json!({ "name": name }));
    tell(state, (chat, number), &bot(), change);
    Ok(json!(true))
}

fn set_open(state: &mut State, parameters: &Parameters, open: bool) -> Outcome {
    let chat = manageable(state, parameters, if open { "reopen" } else { "close" })?;
    let (number, topic) = topic(state, chat, parameters)?;
    if topic.open == open {
        return refuse(400, "Bad Request: TOPIC_NOT_MODIFIED");
    }
    topic.open = open;
    tell(state, (chat, number), &bot(), told_of(open));
    Ok(json!(true))
}

/// How a message tells that a topic was opened again or closed.
pub(super) fn told_of(open: bool) -> (&'static str, Value) {
    let key = if open {
        "forum_topic_reopened"
    } else {
        "forum_topic_closed"
    };
    (key, json!({}))
}

fn delete(state: &mut State, parameters: &Parameters) -> Outcome {
    let chat = writable_chat(state, parameters)?;
    check_right(state, chat, Right::DeleteMessages, "delete a topic")?;
    let (number, _) = topic(state, chat, parameters)?;
    remove(state, chat, number);
    Ok(json!(true))
}

fn pin(state: &mut State, parameters: &Parameters) -> Outcome {
    let chat = writable_chat(state, parameters)?;
    check_right(
        state,
        chat,
        Right::PinMessages,
        "manage pinned messages in the chat",
    )?;
    let number = parameters.get("message_id").and_then(Value::as_i64);
    let number = number.unwrap_or_default();
    let there = state.chats.get_mut(&chat);
    let Some(there) = there.filter(|chat| chat.messages.contains_key(&number)) else {
        return refuse(400, "Bad Request: message to pin not found");
    };
    if !there.pinned.contains(&number) {
        there.pinned.push(number);
    }
    Ok(json!(true))
}

/// The forum, if the bot may do that to its topics.
fn manageable(state: &State, parameters: &Parameters, what: &str) -> Result<i64, Refusal> {
    let chat = writable_chat(state, parameters)?;
    if !state.chats.get(&chat).is_some_and(Chat::is_forum) {
        return refuse(400, "Bad Request: the chat is not a forum");
    }
    check_right(state, chat, Right::ManageTopics, &format!("{what} a topic"))?;
    Ok(chat)
}

fn check_right(state: &State, chat: i64, right: Right, what: &str) -> Result<(), Refusal> {
    let allows = state
        .chats
        .get(&chat)
        .is_some_and(|chat| chat.allows(right));
    if allows {
        return Ok(());
    }
    refuse(400, format!("Bad Request: not enough rights to {what}"))
}

fn topic<'a>(
    state: &'a mut State,
    chat: i64,
    parameters: &Parameters,
) -> Result<(i64, &'a mut Topic), Refusal> {
    let number = parameters.get("message_thread_id").and_then(Value::as_i64);
    let number = number.unwrap_or_default();
    let chat = state.chats.get_mut(&chat);
    match chat.and_then(|chat| chat.topics.get_mut(&number)) {
        Some(topic) => Ok((number, topic)),
        None => refuse(400, "Bad Request: message thread not found"),
    }
}

fn name(parameters: &Parameters) -> Result<String, Refusal> {
    let name = parameters.get("name").and_then(Value::as_str);
    let name = name.unwrap_or_default().trim();
    match name.chars().count() {
        0 => refuse(400, "Bad Request: TOPIC_TITLE_EMPTY"),
        long if long > LONGEST_NAME => refuse(400, "Bad Request: TOPIC_TITLE_INVALID"),
        _ => Ok(name.to_owned()),
    }
}
