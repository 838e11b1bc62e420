//! Starts one of the stand-ins, for scripts and for trying things out: `stratagem-providers NAME [PORT [WEBHOOK]]`.
//!
//! Its first line says where it is. After that each line of the input is `FROM TEXT`, which a contact writes; it ends with the input.

use std::io::{BufRead, Write};

use stratagem_providers::{bird, meta};

const USAGE: &str = "stratagem-providers bird|meta [PORT [WEBHOOK]]";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let name = arguments.first().map(String::as_str).unwrap_or_default();
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
        _ => panic!("{USAGE}"),
    }
}

fn tell(url: &str) {
    let mut output = std::io::stdout();
    writeln!(output, "{url}").and_then(|()| output.flush()).expect("somebody reads where it is");
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
