//! The one `bindgen!`: Rust types and traits for the world `python-runtime` of `/wit`, which imports what every world imports. The
//! public worlds have the same types; their hooks are called in `hooks`.

#![allow(missing_docs, unreachable_pub, reason = "generated code; the contract is documented in /wit")]

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "python-runtime",
    imports: {
        "stratagem:strategy/http": async | trappable,
    },
    exports: { default: async },
});
