//! Updates: made, kept for getUpdates, or posted to the webhook.

use serde_json::{Value, json};

use super::{Shared, State};

/// The present of this server: seconds that pass with each thing that happens.
const NOON: i64 = 1_777_636_800;

impl State {
    pub(super) fn date(&mut self) -> i64 {
        self.seconds += 1;
        NOON + self.seconds
    }

    pub(super) fn message(&mut self, chat_id: i64, content: Value) -> Value {
        let mut message = json!({
            "message_id": self.updates_made + 1000, "date": self.date(), "from": person(chat_id), "chat": chat(chat_id),
        });
        for (name, value) in content.as_object().into_iter().flatten() {
            message[name] = value.clone();
        }
        self.update("message", message)
    }

    pub(super) fn block(&mut self, chat_id: i64, bot: &str) -> Value {
        self.chats.insert(chat_id, true);
        let member = |status: &str| json!({"user": me(bot), "status": status, "until_date": 0});
        let change = json!({
            "chat": chat(chat_id), "from": person(chat_id), "date": self.date(),
            "old_chat_member": member("member"), "new_chat_member": member("kicked"),
        });
        self.update("my_chat_member", change)
    }

    fn update(&mut self, kind: &str, what: Value) -> Value {
        self.updates_made += 1;
        json!({"update_id": self.updates_made, kind: what})
    }
}

impl Shared {
    /// Posts it until it is taken, three times at most; without a webhook it is kept.
    pub(super) async fn deliver(&self, update: Value) -> Option<u16> {
        let webhook = self.state().webhook.clone();
        let Some(webhook) = webhook else {
            self.state().updates.push_back(update);
            self.wake();
            return None;
        };
        let mut status = None;
        for _ in 0..3 {
            let mut request = self.client.post(&webhook.url).json(&update);
            if let Some(secret) = &webhook.secret {
                request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
            }
            status = request.send().await.ok().map(|response| response.status().as_u16());
            if status.is_some_and(|status| (200..300).contains(&status)) {
                break;
            }
        }
        status
    }
}

pub(super) fn chat(id: i64) -> Value {
    json!({"id": id, "type": "private", "first_name": "Ada"})
}

fn person(id: i64) -> Value {
    json!({"id": id, "is_bot": false, "first_name": "Ada", "language_code": "en"})
}

pub(super) fn me(username: &str) -> Value {
    json!({
        "id": 123_456, "is_bot": true, "first_name": username, "username": username, "can_join_groups": false,
        "can_read_all_group_messages": false, "supports_inline_queries": false,
    })
}
