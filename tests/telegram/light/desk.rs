//! What waits for the bot, as JSON that is written once.

use std::collections::VecDeque;

use serde_json::Value;

use crate::telegram::{
    BOT_NAME,
    state::{BOT_ID, FIRST_DATE},
};

/// As many updates as Telegram hands out at once.
const MOST_UPDATES: usize = 100;

/// An update and its number.
pub(super) type Update = (i64, String);

/// The updates that the bot has not confirmed, and the numbers.
#[derive(Default)]
pub(super) struct Desk {
    queue: VecDeque<Update>,
    updates: i64,
    messages: i64,
}

impl Desk {
    /// A customer's text becomes an update.
    pub(super) fn write(&mut self, chat: i64, text: &str) {
        self.updates += 1;
        self.messages += 1;
        let (update, message, text) = (self.updates, self.messages, quoted(text));
        let date = FIRST_DATE + message;
        let update_json = format!(
            r#"{{"update_id":{update},"message":{{"message_id":{message},"from":{{"id":{chat},"is_bot":false,"first_name":"Customer","language_code":"en"}},"chat":{{"id":{chat},"type":"private","first_name":"Customer"}},"date":{date},"text":{text}}}}}"#
        );
        self.queue.push_back((update, update_json));
    }

    /// Forgets what the offset confirms, and writes out what comes next.
    pub(super) fn after(&mut self, offset: i64, limit: Option<usize>) -> Option<String> {
        while self
            .queue
            .pop_front_if(|(number, _)| *number < offset)
            .is_some()
        {}
        let limit = limit.unwrap_or(MOST_UPDATES).clamp(1, MOST_UPDATES);
        let ready: Vec<&str> = self
            .queue
            .iter()
            .take(limit)
            .map(|(_, json)| json.as_str())
            .collect();
        (!ready.is_empty()).then(|| ready.join(","))
    }

    /// Takes the next update off the queue, to be carried to a webhook.
    pub(super) fn take(&mut self) -> Option<Update> {
        self.queue.pop_front()
    }

    /// Puts an update back that the bot did not take.
    pub(super) fn put_back(&mut self, update: Update) {
        self.queue.push_front(update);
    }

    /// The bot's message, as `sendMessage` answers.
    pub(super) fn message(&mut self, chat: i64, text: &str) -> String {
        self.messages += 1;
        let (message, text) = (self.messages, quoted(text));
        let date = FIRST_DATE + message;
        format!(
            r#"{{"message_id":{message},"from":{{"id":{BOT_ID},"is_bot":true,"first_name":"Consultant","username":"{BOT_NAME}"}},"chat":{{"id":{chat},"type":"private","first_name":"Customer"}},"date":{date},"text":{text}}}"#
        )
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telegram::schema::Schema;

    #[test]
    fn an_update_comes_again_until_it_is_confirmed() {
        let mut desk = Desk::default();
        desk.write(7, "one");
        desk.write(8, "two");
        assert_eq!(desk.after(0, None), desk.after(1, None));
        assert!(desk.after(2, None).unwrap().contains("two"));
        assert_eq!(desk.after(3, None), None);
    }

    #[test]
    fn its_objects_are_telegrams() {
        let mut desk = Desk::default();
        desk.write(7, "a \"lamp\" 灯");
        let update: Value = serde_json::from_str(&desk.after(0, None).unwrap()).unwrap();
        let message: Value = serde_json::from_str(&desk.message(7, "yes")).unwrap();
        assert_eq!(update["message"]["text"], "a \"lamp\" 灯");
        let Some(schema) = Schema::load() else { return };
        assert_eq!(schema.check_object("Update", &update), [""; 0]);
        assert_eq!(schema.check_object("Message", &message), [""; 0]);
    }
}
