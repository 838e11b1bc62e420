//! The server without its process.

use std::{fs::DirBuilder, io, os::unix::fs::DirBuilderExt, path::PathBuf, sync::Arc, time::Duration};

use axum::Router;
use prometheus_client::registry::Registry;
use secrecy::{ExposeSecret, SecretString};
use stratagem_agent::{Agents, LlmProvider};
use stratagem_channels::{self as channels, AddressPolicy, Registry as Channels};
use stratagem_domain::{
    access::Role,
    clock::{Clock, SteadyClock},
    random::Random,
};
use stratagem_engine::{Engine, Files, Keep, Metrics, Parts, Vault};
use stratagem_sandbox::{Compiler, Sandbox};
use stratagem_store::{Store, StoreError, entities::tenant};
use tokio::{net::TcpListener, sync::watch};
use uuid::Uuid;

use crate::{
    api::metrics::{Exposition, MetricsAccess, PREFIX},
    router, tokens,
};

/// The tenant that a new database begins with.
const FIRST_TENANT: &str = "default";
/// How long answers of idempotent requests are kept.
const KEEP_ANSWERS: Duration = Duration::from_secs(24 * 3600);
/// How long calls that are under way may take to end once the server is told to stop.
const LAST_CALLS: Duration = Duration::from_secs(20);

/// What a server is made of.
pub struct Setup {
    /// `sqlite://PATH`, made where it is missing, or `postgres://…`.
    pub database_url: String,
    /// Uploaded files and components.
    pub files: Files,
    /// The program `stratagem`, which compiles components.
    pub program: PathBuf,
    /// Addresses that strategies' requests may be made to.
    pub addresses: AddressPolicy,
    /// Where strategies run. Opening one takes long, so tests share it.
    pub sandbox: Sandbox,
    /// What messages leave through.
    pub channels: Arc<channels::Registry>,
    /// Seals secrets.
    pub vault: Vault,
    /// The campaign's time.
    pub clock: Arc<dyn Clock>,
    /// Real time: what leases and rate limits go by. On a database that several servers share it is set to the database's.
    pub real: Arc<SteadyClock>,
    /// How long a claim holds without being renewed.
    pub lease: Duration,
    /// Where ids, tokens and seeds come from.
    pub random: Arc<dyn Random>,
    /// Where the server is reached from outside.
    pub public_url: String,
    /// Token of an admin of the tenant `default`, where the operator set one.
    pub admin_token: Option<SecretString>,
    /// Token of a platform admin, where the operator set one.
    pub platform_token: Option<SecretString>,
    /// How long things are kept.
    pub keep: Keep,
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
}

/// Every channel and every kind of account of this version.
pub fn channels(policy: AddressPolicy) -> Channels {
    Channels::standard(policy.clone()).with_provider(Arc::new(LlmProvider::new(policy)))
}

/// A server that is ready to answer, but does not listen yet.
pub struct App {
    /// Every route; it can be called without a socket.
    pub router: Router,
    /// The use cases behind it. Nothing is decided or sent before it is started, which [`App::serve`] does.
    pub engine: Engine,
    /// Tokens that were made because the database was new and the operator had set none.
    pub tokens: FirstTokens,
}

/// The tokens that a new database begins with. They are stored nowhere.
#[derive(Default)]
pub struct FirstTokens {
    /// A platform admin's.
    pub platform: Option<SecretString>,
    /// An admin's, of the tenant `default`.
    pub admin: Option<SecretString>,
}

/// Why a server could not be built.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened or brought up to date.
    #[error("the database cannot be opened or brought up to date: {0}")]
    Store(#[from] StoreError),
}

impl App {
    /// Opens the database, brings it up to date, makes the first tokens if it is new, and puts everything together.
    pub async fn build(setup: Setup) -> Result<Self, StartError> {
        let store = open_store(&setup.database_url).await?;
        if let Some(now_ms) = store.time().await? {
            setup.real.set(now_ms);
        }
        let keep_ms = i64::try_from(KEEP_ANSWERS.as_millis()).unwrap_or(i64::MAX);
        let now_ms = setup.real.now_ms();
        let before_ms = now_ms.saturating_sub(keep_ms);
        // Where there is one process, one without an answer is one of a process that died.
        store.purge_idempotency_keys(before_ms, if store.is_shared() { before_ms } else { now_ms }).await?;
        let tokens = ensure_tokens(&store, &setup).await?;
        let mut registry = Registry::default();
        let engine = Engine::new(Parts {
            store,
            sandbox: setup.sandbox,
            channels: setup.channels,
            agents: Arc::new(Agents::new(setup.addresses.clone(), stratagem_agent::Limits::default())),
            vault: setup.vault,
            clock: setup.clock,
            real: setup.real,
            lease: setup.lease,
            random: setup.random,
            files: setup.files,
            compiler: Compiler::new(setup.program),
            addresses: setup.addresses,
            public_url: setup.public_url,
            keep: setup.keep,
            metrics: Metrics::register(registry.sub_registry_with_prefix(PREFIX)),
        });
        let metrics = Exposition::new(registry, &engine, setup.metrics);
        Ok(Self { router: router::router(engine.clone(), metrics), engine, tokens })
    }

    /// Starts the engine and answers calls until `stop` is ready; then finishes calls and steps that are under way.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) -> io::Result<()> {
        let running = self.engine.start();
        let (stopping, stopped) = watch::channel(false);
        let mut told = stopped.clone();
        let server = axum::serve(listener, self.router).with_graceful_shutdown(async move {
            // An error means that the sender is gone, which is as good a reason to stop.
            let _ = told.wait_for(|stop| *stop).await;
        });
        let mut server = tokio::spawn(server.into_future());
        tokio::select! {
            () = stop => {}
            // Listening ends by itself only when something is badly wrong.
            ended = &mut server => return ended.unwrap_or_else(|error| Err(io::Error::other(error))),
        }
        tracing::info!("stopping: no new calls, no new steps");
        let _ = stopping.send(true);
        let calls = async {
            if tokio::time::timeout(LAST_CALLS, &mut server).await.is_err() {
                tracing::warn!("calls were still under way and are cut off");
                server.abort();
            }
        };
        tokio::join!(running.drain(), calls);
        tracing::info!("stopped");
        Ok(())
    }
}

/// Opens a database and brings it up to date.
pub(crate) async fn open_store(url: &str) -> Result<Store, StartError> {
    let alone = Store::alone(url).await?;
    let brought = stratagem_migrations::run(&alone).await;
    alone.close().await.map_err(StoreError::from)?;
    brought.map_err(StoreError::from)?;
    Ok(Store::open(url).await?)
}

/// Makes a folder for this user alone, where it is missing.
pub(crate) fn private_folder(path: &std::path::Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A new database gets a platform admin, a tenant and its admin. A token that the operator set works on an old database
/// too, so that it can be changed; the one before it stays valid until it is deleted.
async fn ensure_tokens(store: &Store, setup: &Setup) -> Result<FirstTokens, StartError> {
    let new = store.has_no_tokens().await?;
    let platform = wanted(store, setup.platform_token.as_ref(), new, &*setup.random).await?;
    let admin = wanted(store, setup.admin_token.as_ref(), new, &*setup.random).await?;
    let add = async |tenant_id, named: (&str, Role), token: &SecretString| {
        let named = (named.0.to_owned(), named.1);
        store.insert_token(tokens::row(&*setup.random, &*setup.clock, tenant_id, named, token)).await
    };
    if let Some(token) = &platform {
        add(None, ("first platform admin", Role::PlatformAdmin), token).await?;
    }
    if let Some(token) = &admin {
        let tenant_id = first_tenant(store, setup).await?;
        add(Some(tenant_id), ("first admin", Role::Admin), token).await?;
    }
    Ok(FirstTokens {
        platform: platform.filter(|_| setup.platform_token.is_none()),
        admin: admin.filter(|_| setup.admin_token.is_none()),
    })
}

/// The token that has to be stored: the operator's where it is not known yet, a fresh one where the database is new.
async fn wanted(
    store: &Store,
    given: Option<&SecretString>,
    new: bool,
    random: &dyn Random,
) -> Result<Option<SecretString>, StoreError> {
    match given {
        Some(token) => {
            let known = store.token_by_hash(&tokens::hash(token.expose_secret())).await?;
            Ok(known.is_none().then(|| token.clone()))
        }
        None => Ok(new.then(|| tokens::generate(random))),
    }
}

async fn first_tenant(store: &Store, setup: &Setup) -> Result<Uuid, StoreError> {
    if let Some(tenant) = store.tenant_by_name(FIRST_TENANT).await? {
        return Ok(tenant.id);
    }
    let id = setup.random.id(setup.clock.now());
    let tenant = tenant::Model {
        id,
        name: FIRST_TENANT.to_owned(),
        time_zone: "UTC".to_owned(),
        limits: serde_json::json!({}).into(),
        http_allow: serde_json::json!([]).into(),
        send_rate: None,
        channel_rates: None,
        stop_words: None,
        created_at_ms: setup.clock.now_ms(),
    };
    store.insert_tenant(tenant).await?;
    Ok(id)
}
