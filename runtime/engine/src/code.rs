//! The code of a strategy's version: text from the database, or a component from the object store.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use stratagem_domain::{
    channel::FieldError,
    clock::from_ms,
    strategy::{Limits, RunError, RunErrorKind, Sources, StrategyType},
};
use stratagem_sandbox::{Boundary, Code, Component, ComponentError, Moment, Strategy};
use stratagem_store::{Scope, entities::strategy_version};

use crate::{Engine, EngineError, ObjectName, PutError};

/// Compiled strategies that are held in memory, each some 50 MB of mapped code.
const HELD: usize = 16;

/// Code that is ready to be run.
pub(crate) enum Loaded {
    Python { sources: Sources, function: String, loaded_at: DateTime<Utc> },
    Component(Component),
}

/// Components that were used last, newest first.
#[derive(Default)]
pub(crate) struct Held(Mutex<VecDeque<Component>>);

impl Loaded {
    pub(crate) fn as_strategy(&self, hook: StrategyType) -> Strategy<'_> {
        let code = match self {
            Self::Python { sources, function, loaded_at } => Code::Python { sources, function, loaded_at: *loaded_at },
            Self::Component(component) => Code::Component(component),
        };
        Strategy { code, hook }
    }
}

/// The modules of a version that is Python.
pub fn sources(version: &strategy_version::Model) -> Result<Sources, EngineError> {
    let Some(modules) = &version.modules else { return Ok(Sources::single(version.source.clone())) };
    let broken = |error: &dyn std::fmt::Display| {
        EngineError::Internal(format!("strategy {} version {}: {error}", version.strategy_id, version.version))
    };
    let modules: BTreeMap<String, String> =
        serde_json::from_value(modules.clone().into()).map_err(|error| broken(&error))?;
    Sources::several(modules, version.entry.clone()).map_err(|error| broken(&error))
}

impl Engine {
    /// The version's code. A component whose native code is gone, as after an upgrade, is compiled again, which takes long.
    pub(crate) async fn code(&self, version: &strategy_version::Model) -> Result<Loaded, EngineError> {
        let Some(hash) = &version.component_hash else {
            let (sources, function) = (sources(version)?, version.function.clone());
            return Ok(Loaded::Python { sources, function, loaded_at: from_ms(version.created_at_ms) });
        };
        Ok(Loaded::Component(self.component(Scope(version.tenant_id), hash).await?))
    }

    /// Compiles a component where it is not yet, and tries whether it can be brought up and has the hook. The inner error is
    /// the tenant's trouble.
    pub(crate) async fn compile(
        &self,
        scope: Scope,
        hash: &str,
        hook: StrategyType,
        limits: &Limits,
    ) -> Result<Result<(), RunError>, EngineError> {
        let component = self.component(scope, hash).await?;
        let at = Moment { now: self.clock().now(), time_zone: "UTC", seed: self.random().next_u64() };
        Ok(self.sandbox().check(&Strategy::component(&component, hook), &at, limits).await.outcome.map(|_| ()))
    }

    /// A version that is Python as a component that stands alone. The inner error is the tenant's trouble: the version can no
    /// longer be loaded, as under lower limits.
    pub async fn standalone(
        &self,
        scope: Scope,
        kind: StrategyType,
        version: &strategy_version::Model,
    ) -> Result<Result<Vec<u8>, RunError>, EngineError> {
        let (sources, limits) = (sources(version)?, self.limits(scope).await?);
        let strategy = Strategy::python(&sources, &version.function, kind, from_ms(version.created_at_ms));
        let _place = self.interactive().await?;
        match self.sandbox().standalone(&strategy, &limits).await {
            Err(error) if error.kind == RunErrorKind::Internal => Err(EngineError::Internal(error.to_string())),
            made => Ok(made),
        }
    }

    async fn component(&self, scope: Scope, hash: &str) -> Result<Component, EngineError> {
        if let Some(held) = self.0.components.get(hash) {
            return Ok(held);
        }
        let component = match self.sandbox().component(hash)? {
            Some(component) => component,
            None => {
                let wasm = self.files().on_disk(&ObjectName::component(scope, hash)).await?;
                self.sandbox().compile(&self.0.parts.compiler, wasm.path(), hash).await?;
                let compiled = self.sandbox().component(hash)?;
                compiled.ok_or_else(|| ComponentError::Host("what was just compiled does not load".to_owned()))?
            }
        };
        self.0.components.put(component.clone());
        Ok(component)
    }

    /// Keeps an uploaded component, under its hash, and says what is known of it. It is judged before anything is written.
    pub async fn keep_component(
        &self,
        scope: Scope,
        hook: StrategyType,
        wasm: bytes::Bytes,
    ) -> Result<Result<Boundary, ComponentError>, EngineError> {
        let limits = self.limits(scope).await?;
        let most = limits.stored_component_bytes;
        let place = self.0.judging.acquire().await;
        let _place = place.map_err(|error| EngineError::Internal(error.to_string()))?;
        let checked = wasm.clone();
        let judged = tokio::task::spawn_blocking(move || Boundary::check(&checked, hook, &limits)).await;
        let boundary = match judged.map_err(|error| EngineError::Internal(error.to_string()))? {
            Ok(boundary) => boundary,
            Err(error) => return Ok(Err(error)),
        };
        let name = ObjectName::component(scope, &boundary.component_hash);
        self.find_room(scope, &name, wasm.len() as u64, most).await?;
        self.put_component(&name, wasm).await?;
        Ok(Ok(boundary))
    }

    /// What is kept is counted, not what is referred to: who uploads and deletes in turn fills no disk.
    async fn find_room(&self, scope: Scope, name: &ObjectName, bytes: u64, most: u64) -> Result<(), EngineError> {
        let together = bytes + self.files().components_beside(scope, name).await?;
        if together <= most {
            return Ok(());
        }
        let reason = format!(
            "does not fit: with it the tenant's components would have {together} bytes together, and they may have {most}. \
             Delete strategies that are not needed any more: their components are removed an hour or two later"
        );
        Err(EngineError::Invalid(vec![FieldError::new("file", reason)]))
    }

    /// One that is there already is written again, and so counts as new to what sweeps up old ones.
    async fn put_component(&self, name: &ObjectName, wasm: bytes::Bytes) -> Result<(), EngineError> {
        let chunks = futures::stream::iter([Ok::<_, std::convert::Infallible>(wasm)]);
        match self.files().put(name, u64::MAX, chunks).await {
            Ok(_) => Ok(()),
            Err(PutError::Files(error)) => Err(error.into()),
            Err(PutError::TooLarge | PutError::TooSlow) => {
                Err(EngineError::Internal("a component was not kept in time".to_owned()))
            }
            Err(PutError::Upload(never)) => match never {},
        }
    }

    /// The uploaded component of that hash.
    pub async fn component_bytes(&self, scope: Scope, hash: &str) -> Result<bytes::Bytes, EngineError> {
        Ok(self.files().bytes(&ObjectName::component(scope, hash)).await?)
    }
}

impl Held {
    fn get(&self, hash: &str) -> Option<Component> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = held.iter().position(|component| component.hash() == hash)?;
        let component = held.remove(at)?;
        held.push_front(component.clone());
        Some(component)
    }

    fn put(&self, component: Component) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|other| other.hash() != component.hash());
        held.push_front(component);
        held.truncate(HELD);
    }
}
