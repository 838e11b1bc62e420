//! Calling our webhooks as a provider does: signed, and again until the call is taken.

use std::{future::Future, time::Duration};

use axum::Router;
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;

/// Real providers go on for hours or days; this many calls are a few seconds.
const CALLS: u32 = 8;

/// The present moment, which messages and signatures carry.
#[expect(clippy::disallowed_methods, reason = "providers live in real time")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Makes a call until it is answered with 2xx, a few times at most; each is made anew, since signatures carry the time.
///
/// The last answer's status; none where nobody answered.
pub(crate) async fn until_taken<F, A>(call: F) -> Option<u16>
where
    F: Fn() -> A,
    A: Future<Output = reqwest::Result<reqwest::Response>>,
{
    let mut pause = Duration::from_millis(50);
    let mut status = None;
    for _ in 0..CALLS {
        status = call().await.ok().map(|answer| answer.status().as_u16());
        // What is refused for its signature is refused the next time too.
        if status.is_some_and(|status| (200..300).contains(&status) || status == 401 || status == 403) {
            break;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    status
}

/// Binds `port` of loopback, a free one for 0, and serves until the runtime ends. The address.
pub(crate) async fn serve(port: u16, app: Router) -> String {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a port of loopback");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

/// A client for webhooks; they are on loopback, and TLS needs its provider all the same.
pub(crate) fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}
