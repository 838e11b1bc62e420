use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use stratagem_providers::telegram::{Telegram as Fake, Trouble};

use super::*;
use crate::conformance::{Case, Mood, Peer, conform, draft, noon, scope};
use crate::{AddressPolicy, Event, InboundMessage, Link, PollError, Provider, ReceiveError, WebhookCall};

const TOKEN: &str = "123456:s3cret-TOKEN_of-a-bot";
const CHAT: i64 = 7_000_000_001;

fn telegram() -> Telegram {
    let policy = AddressPolicy::default().allow_loopback(true);
    Telegram::new(Web::new(policy, Duration::from_millis(500)))
}

/// For what touches no network: to make a client takes longer than all that it is not used for.
static PURE: LazyLock<Telegram> = LazyLock::new(telegram);

fn integration(base_url: &str, mode: &str) -> Integration {
    let settings = json!({"base_url": base_url, "bot_username": "@acme_bot", "mode": mode});
    let secrets = [("bot_token", TOKEN), ("secret_token", "hook_secret-1")];
    Integration {
        id: "i1".to_owned(),
        version: 1,
        kind: IntegrationKind::Telegram,
        settings: settings.as_object().unwrap().clone(),
        secrets: secrets.map(|(name, value)| (name.to_owned(), value.into())).into(),
        kept: Default::default(),
    }
}

async fn fake() -> (Fake, Integration) {
    let fake = Fake::start(TOKEN, "acme_bot").await;
    let integration = integration(&fake.url, "polling");
    (fake, integration)
}

#[derive(Default)]
struct Servers(Vec<Fake>);

#[async_trait]
impl Peer for Servers {
    async fn integration(&mut self, mood: Mood) -> Option<Integration> {
        let (fake, mut integration) = fake().await;
        fake.press_start(CHAT, None).await;
        match mood {
            Mood::Takes => {}
            Mood::RefusesContact => drop(fake.block(CHAT).await),
            Mood::RefusesSender => drop(integration.secrets.insert("bot_token".to_owned(), "1:other".into())),
            Mood::Busy => fake.trouble([Trouble::TooMany(5)]),
            Mood::Absent => drop(integration.settings.insert("base_url".to_owned(), json!("http://127.0.0.1:1"))),
            Mood::Silent => fake.trouble([Trouble::Silence]),
        }
        self.0.push(fake);
        Some(integration)
    }
}

#[tokio::test]
async fn conforms() {
    let chat = CHAT.to_string();
    let case = Case {
        channel: &telegram(),
        provider: &mut Servers::default(),
        settings: json!({"text": "Dear {{ contact.name }}", "start_state": "hello"}),
        required: &[],
        template: Some("text"),
        strict: true,
        address: None,
        known_as: Some(&chat),
    };
    conform(case).await;
}

fn prepare(integration: &Integration, content: Content<'_>, known_as: Option<&str>) -> Result<Prepared, PrepareError> {
    let (settings, scope) = (Map::new(), scope());
    let draft = draft(&settings, &scope, Some(integration));
    PURE.prepare(&Draft { content, known_as, ..draft })
}

/// Answers in the chat with `text`, after these troubles, and gives what came of it and what arrived.
async fn answer(text: &str, troubles: &[Trouble]) -> (SendOutcome, Vec<String>) {
    let (fake, integration) = fake().await;
    fake.press_start(CHAT, None).await;
    fake.trouble(troubles.iter().copied());
    let thread = json!({"chat_id": CHAT});
    let prepared = prepare(&integration, Content::Reply { text, thread: &thread }, Some(&CHAT.to_string())).unwrap();
    assert_eq!(prepared.text, text);
    let outcome = telegram().send(&prepared, Some(&integration)).await;
    assert!(!format!("{outcome:?}").contains("s3cret"), "{outcome:?}");
    (outcome, fake.sent().into_iter().map(|sent| sent.text).collect())
}

#[test]
fn a_contact_without_a_chat_is_not_linked() {
    let integration = integration("https://api.telegram.org", "webhook");
    for known_as in [None, Some("+31612345678")] {
        let error = prepare(&integration, Content::Opening, known_as).unwrap_err();
        let reason = "NOT_LINKED: the contact has not followed its link t.me/acme_bot?start=… yet".to_owned();
        assert_eq!(error, PrepareError::Unreachable { reason });
    }
    assert_eq!(deep_link(&integration, "a-B_9").as_deref(), Some("https://t.me/acme_bot?start=a-B_9"));
    assert_eq!(deep_link(&integration, "a b"), None);
    let opening = prepare(&integration, Content::Opening, Some("7")).unwrap();
    assert_eq!(opening.text, "Hello Ada Lovelace!");
}

#[tokio::test]
async fn long_answers_arrive_in_order_and_half_of_one_is_not_sent_again() {
    let words = "words and 😀 ".repeat(800);
    let (outcome, arrived) = answer(&words, &[]).await;
    assert_eq!(outcome, SendOutcome::Sent { provider_id: Some(format!("{CHAT}:3")) });
    assert_eq!(arrived.join(" "), words.trim());

    let (outcome, arrived) = answer(&words, &[Trouble::Nothing, Trouble::TooMany(3)]).await;
    let SendOutcome::Unknown { reason } = outcome else { panic!("{outcome:?}") };
    assert!(reason.starts_with("1 of 3 parts arrived") && reason.contains("retry after 3"), "{reason}");
    assert_eq!(arrived.len(), 1);
}

#[tokio::test]
async fn each_trouble_says_what_to_do_next() {
    let after = Some(Duration::from_secs(9));
    assert!(matches!(answer("x", &[Trouble::TooMany(9)]).await.0, SendOutcome::Retry { after: a, .. } if a == after));
    assert!(matches!(answer("x", &[Trouble::Internal]).await.0, SendOutcome::Retry { .. }));
    assert!(matches!(answer("x", &[Trouble::Gateway(502)]).await.0, SendOutcome::Unknown { .. }));
    assert!(matches!(answer("x", &[Trouble::Gateway(301)]).await.0, SendOutcome::Misconfigured { .. }));
    assert!(matches!(answer("x", &[Trouble::Drop]).await.0, SendOutcome::Unknown { .. }));
    let (outcome, arrived) = answer("x", &[Trouble::Moved(CHAT)]).await;
    assert!(matches!(outcome, SendOutcome::Sent { .. }) && arrived == ["x"], "{outcome:?}");
    let (outcome, _) = answer("x", &[Trouble::Moved(8)]).await;
    assert!(
        matches!(&outcome, SendOutcome::Rejected { reason, .. } if reason.contains("chat not found")),
        "{outcome:?}"
    );
    let moving = [Trouble::Moved(8), Trouble::Moved(9)];
    assert!(matches!(answer("x", &moving).await.0, SendOutcome::Rejected { .. }), "once is enough");
}

#[tokio::test]
async fn what_contacts_do_is_fetched_once() {
    let (fake, integration) = fake().await;
    assert_eq!(telegram().probe(&integration).await, Ok(()));
    assert!(telegram().polls(&integration));
    fake.press_start(CHAT, Some("tok_1")).await;
    fake.write(CHAT, json!({"photo": [], "caption": "Me"})).await;
    let wait = Duration::ZERO;
    let first = telegram().poll(&integration, None, wait).await.unwrap();
    let Event::Linked(link) = &first.events[0] else { panic!("{first:?}") };
    assert_eq!((link.token.as_str(), link.address.as_str(), link.id.as_str()), ("tok_1", "7000000001", "1"));
    assert!(matches!(&first.events[1], Event::Message(message) if message.text == "[picture] Me"));
    assert_eq!(telegram().poll(&integration, None, wait).await.unwrap(), first, "nothing is lost before it is kept");
    let nothing = telegram().poll(&integration, Some(&first.cursor), wait).await.unwrap();
    assert_eq!((nothing.events.len(), &nothing.cursor), (0, &first.cursor));
    fake.block(CHAT).await;
    let last = telegram().poll(&integration, Some(&first.cursor), wait).await.unwrap();
    assert!(matches!(&last.events[..], [Event::Blocked { address, .. }] if *address == CHAT.to_string()));

    let url = format!("{}/bot{TOKEN}/setWebhook", fake.url).parse().unwrap();
    let hook = json!({"url": "http://127.0.0.1:1/hooks/i1", "secret_token": "hook_secret-1"});
    telegram().web.call(&url, |client, url| client.post(url).json(&hook)).await.unwrap();
    let error = telegram().poll(&integration, None, wait).await.unwrap_err();
    assert!(matches!(&error, PollError::Misconfigured(reason) if reason.contains("deleteWebhook")), "{error:?}");

    let mut other = integration.clone();
    other.settings.insert("bot_username".to_owned(), json!("other_bot"));
    let told = telegram().probe(&other).await.unwrap_err();
    assert_eq!(told, "secrets.bot_token is that of @acme_bot, not of @other_bot");
    other.secrets.insert("bot_token".to_owned(), "../x?".into());
    assert!(telegram().probe(&other).await.unwrap_err().contains("secrets.bot_token is no token"));
}

fn receive(secret: &[u8], body: &[u8]) -> Result<Vec<Event>, ReceiveError> {
    let request = http::Request::post("/hooks/i1").header("X-Telegram-Bot-Api-Secret-Token", secret);
    let request = request.body(Bytes::copy_from_slice(body)).unwrap();
    let call = WebhookCall { request: &request, url: "https://campaigns.example/hooks/i1", path: "", now: noon() };
    PURE.receive(&call, &integration("https://api.telegram.org", "webhook")).map(|received| received.events)
}

fn heard(update: &Value) -> Result<Vec<Event>, ReceiveError> {
    receive(b"hook_secret-1", update.to_string().as_bytes())
}

#[test]
fn the_webhook_tells_messages_links_and_blocks() {
    let chat = json!({"id": 7, "type": "private"});
    let message = |content: Value| {
        let mut message =
            json!({"message_id": 5, "date": 1_777_636_800, "chat": chat, "from": {"id": 7, "is_bot": false}});
        message.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
        json!({"update_id": 31, "message": message})
    };
    let answer = message(json!({"text": "Yes", "reply_to_message": {"message_id": 4}}));
    let expected = InboundMessage {
        id: "31".to_owned(),
        from: vec!["7".to_owned()],
        answers: vec!["7:4".to_owned()],
        text: "Yes".to_owned(),
        thread: json!({"chat_id": 7}),
        at: noon(),
        automatic: false,
    };
    assert_eq!(heard(&answer), Ok(vec![Event::Message(expected)]));
    let link = Link { id: "31".into(), token: "a_-9".into(), address: "7".into(), at: noon() };
    assert_eq!(heard(&message(json!({"text": "/start a_-9"}))), Ok(vec![Event::Linked(link)]));
    let text = |content: Value| match heard(&message(content)).unwrap().remove(0) {
        Event::Message(message) => message.text,
        other => panic!("{other:?}"),
    };
    assert_eq!(text(json!({"text": "/start"})), "/start");
    assert_eq!(text(json!({"text": "/start my engine"})), "/start my engine");
    assert_eq!(text(json!({"location": {}})), "[place]");
    assert_eq!(text(json!({"a_new_kind": {}})), "[message that is no text]");
    let mut group = message(json!({"text": "Hi"}));
    group["message"]["chat"]["type"] = json!("group");
    assert_eq!(heard(&group), Ok(vec![]));
    assert_eq!(heard(&json!({"update_id": 1, "edited_message": {}})), Ok(vec![]));
    assert!(matches!(heard(&json!({"message": {}})), Err(ReceiveError::Malformed(_))));
}

#[test]
fn settings_are_checked() {
    let check = |settings: Value, secrets: &[&str]| {
        let errors = Provider::check(&telegram(), settings.as_object().unwrap(), secrets).err().unwrap_or_default();
        errors.into_iter().map(|error| error.field).collect::<Vec<_>>()
    };
    assert!(check(json!({"bot_username": "acme_bot", "mode": "polling"}), &["bot_token"]).is_empty());
    assert_eq!(check(json!({"bot_username": "acme_bot", "mode": "webhook"}), &["bot_token"]), ["secrets.secret_token"]);
    assert_eq!(
        check(
            json!({"bot_username": "a b", "mode": "push", "base_url": "ftp://x"}),
            &["bot_token", "secret_token", "x"]
        ),
        ["settings.base_url", "settings.bot_username", "settings.mode", "secrets.x"]
    );
    assert_eq!(check(json!({}), &[])[..2], ["settings.bot_username", "settings.mode"]);
}

proptest! {
    #[test]
    fn another_secret_is_forged(byte in 0_usize..13, bit in 0_u8..7) {
        let mut secret = *b"hook_secret-1";
        secret[byte] ^= 1 << bit;
        prop_assume!(http::HeaderValue::from_bytes(&secret).is_ok());
        let received = receive(&secret, br#"{"update_id": 1}"#);
        prop_assert!(matches!(received, Err(ReceiveError::Forged(_))));
    }

    #[test]
    fn no_body_makes_it_panic(body in any::<Vec<u8>>(), text in ".{0,20}", date in any::<i64>(), kind in "[a-z_]{0,8}") {
        let _ = receive(b"hook_secret-1", &body);
        let chat = json!({"id": date, "type": "private"});
        let _ = heard(&json!({"update_id": date, "message": {"chat": chat, "date": date, "text": text, kind: 1}}));
        let _ = heard(&json!({"update_id": 1, "my_chat_member": {"chat": text}}));
    }
}
