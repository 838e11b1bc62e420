//! Figures for whoever runs the server, in the form that Prometheus reads. They say nothing about tenants, but how much the
//! server does is nobody else's business either: see [`MetricsAccess`].

mod access;
mod calls;
pub(crate) mod get;
mod process;

use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::{
    encoding::{prometheus_text, text},
    metrics::info::Info,
    registry::Registry,
};
use stratagem_engine::Engine;

use self::{calls::Calls, process::Process};
pub use access::MetricsAccess;

/// What the names of the project's own figures begin with.
pub(crate) const PREFIX: &str = "stratagem";

/// Everything that there is to be read, and who may.
pub(crate) struct Exposition {
    registry: Registry,
    calls: Calls,
    process: Process,
    access: MetricsAccess,
}

impl Exposition {
    /// Adds the server's own figures to the engine's.
    pub(crate) fn new(mut registry: Registry, engine: &Engine, access: MetricsAccess) -> Self {
        let ours = registry.sub_registry_with_prefix(PREFIX);
        let calls = Calls::register(ours);
        let build = Info::new([
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("sandbox", engine.sandbox().engine()),
            ("runtime", engine.sandbox().runtime_hash().to_owned()),
        ]);
        ours.register("build", "What is running: the program, its sandbox, the hash of its Python runtime", build);
        let process = Process::register(&mut registry);
        Self { registry, calls, process, access }
    }

    /// Counts a call.
    pub(crate) fn called(&self, method: &Method, route: String, status: StatusCode, took: Duration) {
        self.calls.called(method, route, status, took);
    }

    /// The figures as text.
    fn encode(&self, form: Form) -> Result<String, std::fmt::Error> {
        let mut written = String::new();
        match form {
            Form::Prometheus => prometheus_text::encode(&mut written, &self.registry)?,
            Form::OpenMetrics => text::encode(&mut written, &self.registry)?,
        }
        Ok(written)
    }
}

/// How figures are written down.
#[derive(Clone, Copy)]
enum Form {
    /// The older one, which everything reads.
    Prometheus,
    /// The one that Prometheus asks for.
    OpenMetrics,
}

impl Form {
    fn media_type(self) -> &'static str {
        match self {
            Self::Prometheus => prometheus_text::CONTENT_TYPE,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}
