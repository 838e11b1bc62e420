//! `stratagem:strategy/http`: counts, caps and records requests; [`Outbound`] makes them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use stratagem_domain::strategy::{
    self as domain, HttpBody, HttpErrorKind, HttpExchange, HttpOutcome, HttpRequest, Limits,
};

use crate::bindings::stratagem::strategy::http::{Host, HttpError, Request, Response};
use crate::outbound::{Allowance, Outbound};
use crate::outcome::{TimedOut, grouped, storable};
use crate::state::RunState;

/// The requests of one run.
pub(crate) struct HttpCalls {
    outbound: Arc<dyn Outbound>,
    allowance: Allowance,
    most: usize,
    made: Vec<HttpExchange>,
    limited: bool,
}

impl HttpCalls {
    pub(crate) fn new(outbound: Arc<dyn Outbound>, limits: &Limits) -> Self {
        let time = Duration::from_millis(limits.http_ms);
        Self {
            outbound,
            allowance: Allowance { time, response_bytes: limits.http_response_bytes },
            most: limits.http_requests,
            made: Vec::new(),
            limited: false,
        }
    }

    /// Every request that was let through to the host's rules, with what came of it.
    pub(crate) fn take_transcript(&mut self) -> Vec<HttpExchange> {
        std::mem::take(&mut self.made)
    }

    /// Whether a limit was told to the guest, which may have caught it.
    pub(crate) fn limited(&self) -> bool {
        self.limited
    }

    /// Makes the requests at the same time. Those beyond the run's number are refused and leave no trace in the transcript.
    async fn send(&mut self, requests: Vec<HttpRequest>) -> Vec<HttpOutcome> {
        let before = self.made.len();
        let granted = requests.len().min(self.most.saturating_sub(before));
        let beyond = requests.len() - granted;
        let calls = requests.into_iter().take(granted).enumerate().map(|(index, request)| {
            let (outbound, allowance) = (&self.outbound, self.allowance);
            async move {
                let outcome = outbound.send(before + index, &request, within(&request, allowance)).await;
                let outcome = outcome.map_or_else(HttpOutcome::Error, HttpOutcome::Response);
                HttpExchange { request, outcome }
            }
        });
        let made = join_all(calls).await;
        let mut outcomes: Vec<_> = made.iter().map(|exchange| exchange.outcome.clone()).collect();
        self.made.extend(made);
        outcomes.extend(std::iter::repeat_n(HttpOutcome::Error(self.too_many()), beyond));
        self.limited |= outcomes
            .iter()
            .any(|outcome| matches!(outcome, HttpOutcome::Error(error) if error.kind == HttpErrorKind::Limit));
        outcomes
    }

    /// Puts down requests that were under way when the run's time was over.
    fn abandon(&mut self, requests: Vec<HttpRequest>) {
        let granted = requests.len().min(self.most.saturating_sub(self.made.len()));
        let outcome = domain::HttpError::new(HttpErrorKind::Timeout, "no answer had come when the run's time was over");
        self.made.extend(
            requests
                .into_iter()
                .take(granted)
                .map(|request| HttpExchange { request, outcome: HttpOutcome::Error(outcome.clone()) }),
        );
    }

    fn too_many(&self) -> domain::HttpError {
        let message = format!("the run has made the {} requests that it may make", grouped(self.most as u64));
        domain::HttpError::new(HttpErrorKind::Limit, message)
    }
}

fn within(request: &HttpRequest, allowance: Allowance) -> Allowance {
    let wanted = request.timeout_ms.map_or(Duration::MAX, |ms| Duration::from_millis(ms.into()));
    Allowance { time: allowance.time.min(wanted), ..allowance }
}

impl Host for RunState {
    /// Traps where the run's own time is over: only then can it be told in which line the run stood.
    async fn send(&mut self, requests: Vec<Request>) -> wasmtime::Result<Vec<Result<Response, HttpError>>> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let requests: Vec<_> = requests.into_iter().map(recorded).collect();
        match tokio::time::timeout(left, self.http.send(requests.clone())).await {
            Ok(outcomes) => Ok(outcomes.into_iter().map(answered).collect()),
            Err(_) => {
                self.http.abandon(requests);
                Err(TimedOut.into())
            }
        }
    }
}

fn recorded(request: Request) -> HttpRequest {
    HttpRequest {
        method: storable(request.method),
        url: storable(request.url),
        headers: request.headers.into_iter().map(|(name, value)| (storable(name), storable(value))).collect(),
        body: request.body.map(HttpBody),
        timeout_ms: request.timeout_ms,
    }
}

fn answered(outcome: HttpOutcome) -> Result<Response, HttpError> {
    match outcome {
        HttpOutcome::Response(response) => Ok(Response {
            status: response.status,
            headers: response.headers,
            body: response.body.0,
            url: response.url,
        }),
        HttpOutcome::Error(domain::HttpError { kind, message }) => Err(match kind {
            HttpErrorKind::Invalid => HttpError::Invalid(message),
            HttpErrorKind::Denied => HttpError::Denied(message),
            HttpErrorKind::Unreachable => HttpError::Unreachable(message),
            HttpErrorKind::Timeout => HttpError::Timeout(message),
            HttpErrorKind::Limit => HttpError::Limit(message),
        }),
    }
}
