//! Files that the bot sent, as a customer has them.

use serde_json::{Value, json};

use super::{
    WAIT_LIMIT,
    people::Customer,
    state::{BOT_ID, State},
    wait,
};

/// A file from the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
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
        let received = |message: &Value| {
            let id = message["document"]["file_id"].as_str()?;
            let file = state.files.get(id)?;
            Some(Received {
                name: file.name().to_owned(),
                content: file.content().to_vec(),
                caption: message["caption"].as_str().unwrap_or_default().to_owned(),
            })
        };
        ours.filter_map(|stored| received(&stored.json)).collect()
    }
}
