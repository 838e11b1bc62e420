//! Against a token endpoint, a real SMTP server and a real IMAP server.

use serde_json::json;
use stratagem_domain::channel::IntegrationKind;
use stratagem_providers::oauth::{Act, TokenEndpoint};

use super::*;
use crate::imap::{self, Dovecot, Mailboxes};
use crate::smtp::{self, Mailer, peers::Catcher};
use crate::{PollError, Provider};

fn policy() -> AddressPolicy {
    AddressPolicy::default().allow_loopback(true)
}

fn account(kind: IntegrationKind, endpoint: &TokenEndpoint, port: u16, secrets: &[(&str, &str)]) -> Integration {
    let mut settings = json!({
        "host": "127.0.0.1", "port": port, "tls": "none", "auth": "xoauth2",
        "token_url": endpoint.url(), "client_id": endpoint.client_id(), "scope": "https://mail.example/",
    });
    if kind == IntegrationKind::Smtp {
        settings["from"] = json!("billing@acme.example");
    }
    let secrets = secrets.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let settings = settings.as_object().unwrap().clone();
    Integration { id: "i1".to_owned(), version: 1, kind, settings, secrets, kept: Default::default() }
}

const SECRETS: [(&str, &str); 3] =
    [("username", "ada@acme.example"), ("refresh_token", "refresh-1"), ("client_secret", "client-s3cret")];

#[tokio::test]
async fn a_mail_server_is_shown_a_token_that_is_got_once_and_again_when_it_is_not_taken_any_more() {
    let endpoint = TokenEndpoint::start("acme-client", "client-s3cret", "refresh-1").await;
    let mut catcher = Catcher::start(&["--require-token", "ada@acme.example:second"]).await;
    let mailer = Mailer::new(policy(), smtp::Limits::default());
    let integration = account(IntegrationKind::Smtp, &endpoint, catcher.port, &SECRETS);
    endpoint.next(Act::Give { token: "first", lasts_s: 3600 });
    endpoint.next(Act::Give { token: "second", lasts_s: 3600 });
    // The first one is refused, and forgotten.
    let refused = mailer.probe(&integration).await.unwrap_err();
    assert!(refused.contains("does not take the access token"), "{refused}");
    for number in 0..3 {
        let message = format!("Subject: {number}\r\n\r\nhello\r\n");
        let mail = smtp::Mail {
            from: "billing@acme.example".parse().unwrap(),
            to: "ada@contact.example".parse().unwrap(),
            message: message.as_bytes(),
        };
        assert_eq!(mailer.send(&mail, &integration).await.as_str(), "sent");
        assert_eq!(catcher.mail().await["subject"], number.to_string());
        mailer.probe(&integration).await.unwrap();
    }
    let asked = endpoint.asked();
    assert_eq!(asked.len(), 2, "a token is used as long as it is good: {asked:?}");
    for (name, value) in [
        ("grant_type", "refresh_token"),
        ("refresh_token", "refresh-1"),
        ("client_secret", "client-s3cret"),
        ("scope", "https://mail.example/"),
    ] {
        assert_eq!(asked[0].get(name).map(String::as_str), Some(value), "{name}");
    }
}

#[tokio::test]
async fn a_mailbox_opens_with_a_token_of_the_client_itself() {
    let endpoint = TokenEndpoint::start("acme-client", "client-s3cret", "refresh-1").await;
    let server = Dovecot::start().await;
    let secrets = [SECRETS[0], SECRETS[2]];
    let integration = account(IntegrationKind::Imap, &endpoint, server.port, &secrets);
    let mailboxes = Mailboxes::new(policy(), imap::Limits::default());
    endpoint.next(Act::Give { token: "stale", lasts_s: 3600 });
    let refused = mailboxes.poll(&integration, None, Duration::ZERO).await.unwrap_err();
    assert!(matches!(&refused, PollError::Misconfigured(reason) if reason.starts_with("login: ")), "{refused:?}");
    // What this server takes for a token.
    endpoint.next(Act::Give { token: "s3cret", lasts_s: 3600 });
    mailboxes.poll(&integration, None, Duration::ZERO).await.unwrap();
    mailboxes.probe(&integration).await.unwrap();
    let asked = endpoint.asked();
    assert_eq!((asked.len(), asked[1]["grant_type"].as_str()), (2, "client_credentials"));
    assert!(!asked[1].contains_key("refresh_token"));
}

#[tokio::test]
async fn many_connections_ask_once_and_a_token_that_ends_is_renewed() {
    let endpoint = TokenEndpoint::start("acme-client", "client-s3cret", "refresh-1").await;
    let integration = account(IntegrationKind::Smtp, &endpoint, 1, &SECRETS);
    let (tokens, account) = (Tokens::new(policy()), Account::of(&integration).unwrap());
    endpoint.next(Act::Give { token: "first", lasts_s: 3600 });
    let all = futures::future::join_all((0..10).map(|_| tokens.of(&account))).await;
    assert!(all.iter().all(|token| token.as_ref().unwrap().expose_secret() == "first"));
    assert_eq!(endpoint.asked().len(), 1);
    // Another version of the integration may be another account.
    let changed = Account::of(&Integration { version: 2, ..integration }).unwrap();
    for token in ["short", "next"] {
        endpoint.next(Act::Give { token, lasts_s: 60 });
        assert_eq!(tokens.of(&changed).await.unwrap().expose_secret(), token, "a minute is too short to be used again");
    }
}

/// Secrets that are kept in memory; what another server or a person does to them may be done at any time.
#[derive(Default)]
struct Kept(StdMutex<HashMap<String, String>>);

impl Kept {
    fn set(&self, token: &str) {
        self.0.lock().unwrap().insert("refresh_token".to_owned(), token.to_owned());
    }

    fn token(&self) -> String {
        self.0.lock().unwrap()["refresh_token"].clone()
    }
}

#[async_trait::async_trait]
impl crate::Keeper for Kept {
    async fn read(&self, name: &str) -> Result<Option<SecretString>, String> {
        Ok(self.0.lock().unwrap().get(name).map(|secret| secret.as_str().into()))
    }

    async fn exchange(&self, name: &str, old: &SecretString, new: &SecretString) -> Result<(), String> {
        let mut secrets = self.0.lock().unwrap();
        if secrets[name] == old.expose_secret() {
            secrets.insert(name.to_owned(), new.expose_secret().to_owned());
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_exchanged_is_kept_before_anything_is_done_with_the_access_token() {
    let endpoint = TokenEndpoint::start("acme-client", "client-s3cret", "refresh-1").await;
    endpoint.exchange();
    let kept = Arc::new(Kept::default());
    kept.set("refresh-1");
    let integration = account(IntegrationKind::Smtp, &endpoint, 1, &SECRETS);
    let integration = Integration { kept: crate::Kept(Some(kept.clone())), ..integration };
    let of = |version| Account::of(&Integration { version, ..integration.clone() }).unwrap();
    let tokens = Tokens::new(policy());
    for version in 1..=3 {
        endpoint.next(Act::Give { token: "good", lasts_s: 3600 });
        // The account is as it was when it was read; what is shown is as it is kept.
        tokens.of(&of(version)).await.unwrap();
        assert_eq!((kept.token(), endpoint.refresh_token()), (format!("exchanged-{version}"), kept.token()));
    }

    // Another server was given another one after this one had read it.
    struct Late(Arc<Kept>, StdMutex<Option<String>>);
    #[async_trait::async_trait]
    impl crate::Keeper for Late {
        async fn read(&self, name: &str) -> Result<Option<SecretString>, String> {
            let earlier = self.1.lock().unwrap().take();
            match earlier {
                Some(earlier) => Ok(Some(earlier.into())),
                None => self.0.read(name).await,
            }
        }
        async fn exchange(&self, name: &str, old: &SecretString, new: &SecretString) -> Result<(), String> {
            self.0.exchange(name, old, new).await
        }
    }
    let late = Late(kept.clone(), StdMutex::new(Some("exchanged-2".to_owned())));
    let behind = Integration { version: 4, kept: crate::Kept(Some(Arc::new(late))), ..integration.clone() };
    endpoint.next(Act::Give { token: "good", lasts_s: 3600 });
    tokens.of(&Account::of(&behind).unwrap()).await.unwrap();
    assert_eq!(kept.token(), "exchanged-4");

    // Whoever asked goes away while the provider answers.
    endpoint.next(Act::Give { token: "good", lasts_s: 3600 });
    let (gate, of_5, before) = (endpoint.hold().await, of(5), endpoint.asked().len());
    let asked = async {
        while endpoint.asked().len() == before {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = tokens.of(&of_5) => panic!("answers are kept back"),
        () = asked => {}
    }
    drop(gate);
    while kept.token() != "exchanged-5" {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn faults_say_whether_they_pass() {
    let endpoint = TokenEndpoint::start("acme-client", "client-s3cret", "refresh-1").await;
    let server = Catcher::start(&["--require-token", "ada@acme.example:right"]).await;
    let mailer = Mailer::new(policy(), smtp::Limits::default());
    let outcome = async |integration: &Integration| {
        let (from, to) = ("a@acme.example".parse().unwrap(), "b@contact.example".parse().unwrap());
        mailer.send(&smtp::Mail { from, to, message: b"Subject: x\r\n\r\nx\r\n" }, integration).await
    };
    let integration = account(IntegrationKind::Smtp, &endpoint, server.port, &SECRETS);
    for (act, name) in
        [(Act::Fail { status: 503 }, "retry"), (Act::Fail { status: 429 }, "retry"), (Act::Garbage, "retry")]
    {
        endpoint.next(act);
        assert_eq!(outcome(&integration).await.as_str(), name, "{act:?}");
    }
    for (version, name, secrets) in [
        (2, "revoked", [SECRETS[0], ("refresh_token", "revoked"), SECRETS[2]]),
        (3, "wrong secret", [SECRETS[0], SECRETS[1], ("client_secret", "wrong")]),
    ] {
        let changed = Integration { version, ..account(IntegrationKind::Smtp, &endpoint, server.port, &secrets) };
        let outcome = outcome(&changed).await;
        let crate::SendOutcome::Misconfigured { reason } = &outcome else { panic!("{name}: {outcome:?}") };
        assert!(reason.contains("invalid_"), "{name}: {reason}");
        assert!(!reason.contains("s3cret") && !reason.contains("refresh-1"), "{reason}");
    }
    let forbidden = Tokens::new(AddressPolicy::default());
    let refused = forbidden.of(&Account::of(&integration).unwrap()).await.err();
    assert!(matches!(refused, Some(TokenError::Misconfigured(_))), "a private address: {refused:?}");
}

#[test]
fn settings_are_checked() {
    let smtp = json!({"host": "h.example", "port": 587, "tls": "starttls", "from": "a@acme.example"});
    let imap = json!({"host": "h.example", "port": 993, "tls": "tls"});
    let (mailer, mailboxes) =
        (Mailer::new(policy(), smtp::Limits::default()), Mailboxes::new(policy(), imap::Limits::default()));
    for (provider, basic) in [(&mailer as &dyn Provider, smtp), (&mailboxes as &dyn Provider, imap)] {
        let fields = |changes: Value, secrets: &[&str]| {
            let mut settings = basic.as_object().unwrap().clone();
            settings.extend(changes.as_object().unwrap().clone());
            let errors = provider.check(&settings, secrets).err().unwrap_or_default();
            errors.into_iter().map(|error| error.field).collect::<Vec<_>>()
        };
        let google = json!({"auth": "xoauth2", "token_url": "https://oauth2.googleapis.com/token", "client_id": "c"});
        assert_eq!(fields(google.clone(), &["username", "refresh_token", "client_secret", "hook_token"]), [""; 0]);
        assert_eq!(fields(google.clone(), &["username", "client_secret"]), [""; 0]);
        assert_eq!(fields(google.clone(), &["username"]), ["secrets.refresh_token"]);
        assert_eq!(fields(google, &["username", "refresh_token", "password"]), ["secrets.password"]);
        let lacking = fields(json!({"auth": "xoauth2", "token_url": "nowhere"}), &["username", "refresh_token"]);
        assert_eq!(lacking, ["settings.token_url", "settings.client_id"]);
        let odd = fields(json!({"auth": "kerberos", "client_id": "c"}), &["username", "password"]);
        assert_eq!(odd, ["settings.auth", "settings.client_id"]);
    }
}
