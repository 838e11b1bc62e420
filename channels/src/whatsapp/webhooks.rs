//! Bodies for the property tests of both webhooks: JSON made of the names and words that the readers look for, or any bytes.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value};

/// Field names and values that both providers use.
const WORDS: [&str; 46] = [
    "object",
    "whatsapp_business_account",
    "entry",
    "changes",
    "value",
    "metadata",
    "phone_number_id",
    "106540352242922",
    "messages",
    "statuses",
    "contacts",
    "user_preferences",
    "id",
    "from",
    "wa_id",
    "user_id",
    "timestamp",
    "type",
    "text",
    "body",
    "button",
    "interactive",
    "reaction",
    "edit",
    "message",
    "errors",
    "code",
    "status",
    "failed",
    "context",
    "event",
    "payload",
    "channelId",
    "9cf68bd5-7bf6-4d8c-9b9f-6a7b4ed2a2e3",
    "whatsapp.inbound",
    "whatsapp.outbound",
    "whatsapp.interaction",
    "sender",
    "contact",
    "identifierValue",
    "+31612345678",
    "failure",
    "source",
    "reference",
    "receiver",
    "actions",
];

/// A body.
pub(crate) fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        select(&WORDS[..]).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let json = leaf.prop_recursive(8, 64, 6, |inner| {
        let field = (select(&WORDS[..]), inner.clone());
        prop_oneof![
            vec(inner, 0..4).prop_map(Value::from),
            vec(field, 0..6).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
            }),
        ]
    });
    prop_oneof![
        vec(any::<u8>(), 0..200),
        json.clone().prop_map(|value| value.to_string().into_bytes()),
        json.prop_map(|value| whole(&value).to_string().into_bytes()),
    ]
}

/// The value where the readers of either provider come to look at it.
fn whole(value: &Value) -> Value {
    let list = match value {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    };
    let mut payload = value.as_object().cloned().unwrap_or_default();
    payload.insert("channelId".to_owned(), "9cf68bd5-7bf6-4d8c-9b9f-6a7b4ed2a2e3".into());
    let change = serde_json::json!({"value": {
        "metadata": {"phone_number_id": "106540352242922"}, "messages": list, "statuses": list, "contacts": list,
        "user_preferences": list,
    }});
    serde_json::json!({
        "object": "whatsapp_business_account", "entry": [{"changes": [change]}],
        "event": "whatsapp.inbound", "payload": payload,
    })
}
