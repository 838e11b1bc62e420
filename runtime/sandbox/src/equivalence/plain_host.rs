//! A host of components that has nothing of ours but the two interfaces that a strategy imports: wasmtime, and its own WASI.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use wasmtime::component::{Component, Linker, ResourceTable, Type, Val};
use wasmtime::{Config, Engine, Store, StoreContextMut, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxView, WasiView};

/// What a call came to.
pub(super) struct Called {
    /// The contact as a document, or the record of the error. The text of a trap.
    pub(super) outcome: Result<Result<Value, Value>, String>,
    /// Level and message of each line.
    pub(super) log: Vec<(String, String)>,
}

/// The default engine, but for the stack, since Python nests deeper than the 512 KiB that it would have, and for an end of what
/// would not end.
pub(super) fn engine() -> Engine {
    Engine::new(Config::new().max_wasm_stack(2 << 20).async_stack_size(3 << 20).consume_fuel(true)).unwrap()
}

/// Many times of what the compared strategies use.
const FUEL: u64 = 2_000_000_000;

/// As much as the sandbox allows, so that what wants more is told the same.
const MEMORY: usize = 128 << 20;

struct Host {
    wasi: WasiCtx,
    resources: ResourceTable,
    log: Vec<(String, String)>,
    limits: StoreLimits,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.resources }
    }
}

/// A new instance of the component, and one call of its function. Its clocks stand still.
pub(super) async fn call(
    component: &Component,
    function: &str,
    parameters: &[(&str, &Value)],
    now: DateTime<Utc>,
) -> Called {
    let engine = component.engine();
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
    linker
        .instance("stratagem:strategy/logging@1.0.0")
        .unwrap()
        .func_new("log", |store, _, given, _| log(store, given))
        .unwrap();
    let mut http = linker.instance("stratagem:strategy/http@1.0.0").unwrap();
    http.func_new("send", |_, _, given, results| {
        results[0] = answers(&given[0]);
        Ok(())
    })
    .unwrap();
    let wasi = WasiCtx::builder().wall_clock(Standing(now)).monotonic_clock(Standing(now)).build();
    let limits = StoreLimitsBuilder::new().memory_size(MEMORY).build();
    let mut store = Store::new(engine, Host { wasi, resources: ResourceTable::new(), log: Vec::new(), limits });
    store.limiter(|host| &mut host.limits);
    store.set_fuel(FUEL).unwrap();
    let instance = linker.instantiate_async(&mut store, component).await.unwrap();
    let function = instance.get_func(&mut store, function).unwrap();
    let ty = function.ty(&store);
    let given = ty.params().map(|(name, ty)| {
        let (_, value) = parameters.iter().find(|(known, _)| *known == name).unwrap();
        lowered(value, &ty)
    });
    let (given, mut results) = (given.collect::<Vec<_>>(), [Val::Bool(false)]);
    let outcome = match function.call_async(&mut store, &given, &mut results).await {
        Ok(()) => match &results[0] {
            Val::Result(Ok(contact)) => Ok(Ok(contact.as_deref().map_or(Value::Null, lifted))),
            Val::Result(Err(error)) => Ok(Err(error.as_deref().map_or(Value::Null, lifted))),
            other => panic!("{other:?}"),
        },
        Err(trap) => Err(format!("{trap:?}")),
    };
    Called { outcome, log: store.into_data().log }
}

struct Standing(DateTime<Utc>);

impl HostWallClock for Standing {
    fn resolution(&self) -> Duration {
        Duration::from_micros(1)
    }

    fn now(&self) -> Duration {
        (self.0 - DateTime::UNIX_EPOCH).to_std().unwrap()
    }
}

impl HostMonotonicClock for Standing {
    fn resolution(&self) -> u64 {
        1_000
    }

    fn now(&self) -> u64 {
        0
    }
}

fn log(mut store: StoreContextMut<'_, Host>, given: &[Val]) -> wasmtime::Result<()> {
    let [Val::Enum(level), Val::String(message)] = given else { panic!("{given:?}") };
    store.data_mut().log.push((level.clone(), message.clone()));
    Ok(())
}

/// The same answers as `behaviours::Echo` gives.
fn answers(requests: &Val) -> Val {
    let Val::List(requests) = requests else { panic!("{requests:?}") };
    let answer = |(ordinal, request): (usize, &Val)| {
        let request = lifted(request);
        let url = request["url"].as_str().unwrap();
        if url.ends_with("/denied") {
            let denied = Val::Variant("denied".into(), Some(Box::new(Val::String("not for you".into()))));
            return Val::Result(Err(Some(Box::new(denied))));
        }
        let bytes = |value: &Value| {
            value.as_array().map(|bytes| bytes.iter().map(|byte| byte.as_u64().unwrap() as u8).collect())
        };
        let body = bytes(&request["body"]).map(|bytes: Vec<u8>| String::from_utf8(bytes).unwrap());
        let body = json!({ "ordinal": ordinal, "method": request["method"], "body": body }).to_string();
        let header = ["content-type", "application/json"].map(|text| Val::String(text.into()));
        Val::Result(Ok(Some(Box::new(Val::Record(vec![
            ("status".into(), Val::U16(200)),
            ("headers".into(), Val::List(vec![Val::Tuple(header.into())])),
            ("body".into(), Val::List(body.bytes().map(Val::U8).collect())),
            ("url".into(), Val::String(url.into())),
        ])))))
    };
    Val::List(requests.iter().enumerate().map(answer).collect())
}

/// A document as the boundary has it: free-form objects as JSON texts, names with hyphens.
fn lowered(value: &Value, ty: &Type) -> Val {
    match ty {
        Type::Record(record) => {
            let field = |name: &str, ty: &Type| lowered(&value[name.replace('-', "_")], ty);
            Val::Record(record.fields().map(|each| (each.name.into(), field(each.name, &each.ty))).collect())
        }
        Type::Option(some) => Val::Option((!value.is_null()).then(|| Box::new(lowered(value, &some.ty())))),
        Type::List(items) => {
            Val::List(value.as_array().unwrap().iter().map(|item| lowered(item, &items.ty())).collect())
        }
        Type::Enum(_) => Val::Enum(value.as_str().unwrap().to_lowercase().replace('_', "-")),
        Type::String => Val::String(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
        Type::Bool => Val::Bool(value.as_bool().unwrap()),
        Type::U32 => Val::U32(value.as_u64().unwrap().try_into().unwrap()),
        other => panic!("{other:?}"),
    }
}

/// The other way round.
fn lifted(value: &Val) -> Value {
    match value {
        Val::Record(fields) => {
            Value::Object(fields.iter().map(|(name, value)| field(name, value)).collect::<Map<_, _>>())
        }
        Val::Option(some) => some.as_deref().map_or(Value::Null, lifted),
        Val::List(items) | Val::Tuple(items) => items.iter().map(lifted).collect(),
        Val::Enum(case) => json!(case.replace('-', "_")),
        Val::String(text) => json!(text),
        Val::Bool(flag) => json!(flag),
        Val::U32(number) => json!(number),
        Val::U8(number) => json!(number),
        other => panic!("{other:?}"),
    }
}

fn field(name: &str, value: &Val) -> (String, Value) {
    match (name, value) {
        ("params" | "results" | "internal-data", Val::String(text)) => {
            (name.replace('-', "_"), serde_json::from_str(text).unwrap_or_else(|_too_deep| json!(text)))
        }
        _ => (name.replace('-', "_"), lifted(value)),
    }
}
