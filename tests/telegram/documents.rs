//! Files that the bot sent, as a customer has them.

use serde_json::{Value, json};

use super::{
    WAIT_LIMIT,
    call::FILES,
    people::Customer,
    state::{BOT_ID, State},
    wait,
};

/// A file from the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// How it is shown: under which key it stands in a message (`photo`, `document`…).
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// What is in it.
    pub content: Vec<u8>,
    /// The words under it; empty without any.
    pub caption: String,
}

impl Customer {
    /// Waits until the bot has sent this many files in this chat, and returns them.
    pub async fn wait_for_files(&self, count: usize) -> Vec<Received> {
        let find = |state: &State| Some(self.files_in(state)).filter(|it| it.len() >= count);
        let what = format!("{count} files from the bot");
        wait(&self.shared, &what, WAIT_LIMIT, find).await
    }

    fn files_in(&self, state: &State) -> Vec<Received> {
        let chat = state.chats.get(&self.chat);
        let messages = chat.into_iter().flat_map(|chat| chat.messages.values());
        let ours = messages.filter(|stored| stored.json["from"]["id"] == json!(BOT_ID));
        ours.filter_map(|stored| received(state, &stored.json))
            .collect()
    }
}

/// The file in a message; of a picture the largest one.
pub(super) fn received(state: &State, message: &Value) -> Option<Received> {
    let part = FILES.into_iter().find_map(|key| message.get(key))?;
    let part = part
        .as_array()
        .and_then(|sizes| sizes.last())
        .unwrap_or(part);
    let file = state.files.get(part["file_id"].as_str()?)?;
    Some(Received {
        kind: file.key(),
        name: file.name().to_owned(),
        content: file.content().to_vec(),
        caption: message["caption"].as_str().unwrap_or_default().to_owned(),
    })
}
