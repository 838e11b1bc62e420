//! A webhook that keeps every call, for tests of what providers tell.

use axum::{Router, body, extract::Request, extract::State};
use bytes::Bytes;
use tokio::sync::{Mutex, mpsc};

use crate::hook;

/// The running webhook; it ends with the runtime.
pub struct Calls {
    url: String,
    received: Mutex<mpsc::UnboundedReceiver<axum::http::Request<Bytes>>>,
}

/// Starts on a free port, and answers every call with 200.
pub async fn start() -> Calls {
    let (keep, received) = mpsc::unbounded_channel();
    let app = Router::new().fallback(answer).with_state(keep);
    let url = format!("{}/hooks/i1", hook::serve(0, app).await);
    Calls { url, received: Mutex::new(received) }
}

impl Calls {
    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits for the next call.
    pub async fn next(&self) -> axum::http::Request<Bytes> {
        self.received.lock().await.recv().await.expect("the webhook runs")
    }
}

async fn answer(State(keep): State<mpsc::UnboundedSender<axum::http::Request<Bytes>>>, call: Request) {
    let (parts, whole) = call.into_parts();
    let whole = body::to_bytes(whole, 1 << 20).await.unwrap_or_default();
    let _ = keep.send(axum::http::Request::from_parts(parts, whole));
}
