//! `stratagem:strategy/http`: closed for now. Every request is answered with `denied`, and nothing leaves the host.
//!
//! The real one (allow-lists, checked addresses, secrets, caps, transcript) is the next piece of work on this crate; it
//! replaces this file alone.

use crate::bindings::stratagem::strategy::http::{Host, HttpError, Request, Response};
use crate::state::RunState;

impl Host for RunState {
    async fn send(&mut self, requests: Vec<Request>) -> Vec<Result<Response, HttpError>> {
        requests.iter().map(|_| Err(denied())).collect()
    }
}

fn denied() -> HttpError {
    HttpError::Denied("outgoing HTTP is not enabled for this tenant: an administrator has to allow the host".to_owned())
}
