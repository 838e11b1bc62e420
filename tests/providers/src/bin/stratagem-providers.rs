//! Starts stand-ins, for scripts and for trying things out.
//!
//! `stratagem-providers NAME [PORT [WEBHOOK]]` is one of them. Its first line says where it is. After that each line of the input is
//! `FROM TEXT`, which a contact writes, or for `twilio` what the next one who is called says; it ends with the input.
//!
//! `stratagem-providers contacts FILE` is those for WhatsApp and the phone, with contacts who answer as FILE says (see
//! `stratagem_providers::contacts`). Its first line is the accounts to send through, as JSON by the kind of integration. After that each
//! line of the input is `KIND WEBHOOK`, and is answered with `told KIND` once what contacts do is told there.

use std::io::{BufRead, Write};

use serde_json::json;
use stratagem_providers::{bird, contacts::Contacts, meta, telegram, twilio};

const USAGE: &str = "stratagem-providers bird|meta [PORT [WEBHOOK]], telegram|twilio, or contacts FILE";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let name = arguments.first().map(String::as_str).unwrap_or_default();
    if let ("contacts", Some(file)) = (name, arguments.get(1)) {
        if let Err(error) = play_contacts(file).await {
            eprintln!("{file}: {error}");
            std::process::exit(2);
        }
        return;
    }
    let port = arguments.get(1).map_or(0, |port| port.parse().expect(USAGE));
    let hook = arguments.get(2).map(String::as_str);
    match name {
        "bird" => {
            let bird = bird::start_on(port).await;
            hook.inspect(|hook| bird.set_hook(hook));
            tell(bird.url());
            while let Some((from, text)) = line().await {
                bird.contact_writes(&from, &text).await;
            }
        }
        "meta" => {
            let meta = meta::start_on(port).await;
            hook.inspect(|hook| meta.set_hook(hook));
            meta.take_without_policy(true);
            tell(meta.url());
            while let Some((from, text)) = line().await {
                meta.contact_writes(&from, &text).await;
            }
        }
        "telegram" => {
            let telegram = telegram::Telegram::start("123456:token", "acme_bot").await;
            tell(&telegram.url);
            while let Some((from, text)) = line().await {
                let chat = from.parse().expect("FROM is the number of a chat");
                match text.strip_prefix("/start ") {
                    Some(token) => telegram.press_start(chat, Some(token)).await,
                    None => telegram.write(chat, json!({"text": text})).await,
                };
            }
        }
        "twilio" => {
            let twilio = twilio::Twilio::start("AC0123456789abcdef0123456789abcdef", "12345").await;
            tell(&twilio.url);
            while let Some((_, text)) = line().await {
                twilio.callees([twilio::Callee::Answers(vec![twilio::Turn::Says(text)])]);
            }
        }
        _ => panic!("{USAGE}"),
    }
}

async fn play_contacts(file: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let contacts = Contacts::start(&text).await?;
    tell(&contacts.accounts().to_string());
    while let Some((kind, url)) = line().await {
        contacts.set_hook(&kind, &url);
        tell(&format!("told {kind}"));
    }
    Ok(())
}

fn tell(first: &str) {
    let mut output = std::io::stdout();
    writeln!(output, "{first}").and_then(|()| output.flush()).expect("somebody reads where it is");
}

/// The next line of the input, as writer and text.
async fn line() -> Option<(String, String)> {
    let read = || {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).ok().filter(|length| *length > 0).map(|_| line)
    };
    let line = tokio::task::spawn_blocking(read).await.ok()??;
    let (from, text) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    Some((from.to_owned(), text.to_owned()))
}
