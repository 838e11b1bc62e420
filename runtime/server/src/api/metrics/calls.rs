use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

/// What calls are timed by. The route is a template, so there are as many as the router has.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    method: &'static str,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: &'static str,
}

/// Figures of the HTTP API.
pub(super) struct Calls {
    requests: Family<Answered, Counter>,
    duration: Family<Call, Histogram, fn() -> Histogram>,
}

impl Calls {
    pub(super) fn register(to: &mut Registry) -> Self {
        let histogram = || Histogram::new([0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1., 2.5, 5., 10., 30.]);
        let made = Self { requests: Family::default(), duration: Family::new_with_constructor(histogram) };
        let help = "Calls that were answered, by route (- where there is none) and class of status";
        to.register("http_requests", help, made.requests.clone());
        let help = "How long calls took until their answer began";
        to.register_with_unit("http_request_duration", help, Unit::Seconds, made.duration.clone());
        made
    }

    pub(super) fn called(&self, method: &Method, route: String, status: StatusCode, took: Duration) {
        let (method, status) = (known(method), class(status));
        self.duration.get_or_create(&Call { method, route: route.clone() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&Answered { method, route, status }).inc();
    }
}

/// Clients may send any word as a method; figures are kept of few.
fn known(method: &Method) -> &'static str {
    let all = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    all.into_iter().find(|name| *name == method.as_str()).unwrap_or("other")
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
