//! The port through which a strategy's HTTP requests leave. Who implements it decides what may be called; the sandbox counts,
//! caps and records.

use std::time::Duration;

use async_trait::async_trait;
use stratagem_domain::strategy::{HttpError, HttpErrorKind, HttpRequest, HttpResponse};

/// What one request may use.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// For the whole call, redirects included.
    pub time: Duration,
    /// Bytes of the answer's body.
    pub response_bytes: usize,
}

/// Makes requests on a strategy's behalf.
#[async_trait]
pub trait Outbound: Send + Sync {
    /// Makes the request that is number `ordinal` in the run, counted from 0. What comes back goes into the run's record as it
    /// is, so it must hold no secret.
    async fn send(
        &self,
        ordinal: usize,
        request: &HttpRequest,
        allowance: Allowance,
    ) -> Result<HttpResponse, HttpError>;
}

/// Nobody may be called: for checks and for the command line.
pub struct Closed;

#[async_trait]
impl Outbound for Closed {
    async fn send(&self, _: usize, _: &HttpRequest, _: Allowance) -> Result<HttpResponse, HttpError> {
        Err(HttpError::new(HttpErrorKind::Denied, "there is no HTTP here: a server allows hosts to each tenant"))
    }
}
