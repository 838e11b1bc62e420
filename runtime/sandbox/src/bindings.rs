//! The one `bindgen!`: Rust types and traits for the world `python-runtime` of `/wit`.

#![allow(missing_docs, unreachable_pub, reason = "generated code; the contract is documented in /wit")]

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "python-runtime",
    imports: {
        "stratagem:strategy/http": async,
    },
    exports: { default: async },
});
