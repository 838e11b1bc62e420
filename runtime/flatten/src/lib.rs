//! Makes one module of the many that a Python component is linked from, and separates its code from its memory.
//!
//! # Why
//!
//! componentize-py gives a component of fourteen core modules: libc, CPython, the generated bindings and so on, linked when
//! the component is instantiated, as a dynamic linker would do it. Each instantiation of it fills some 5,700 entries of a
//! table one by one, because their place is only known when an imported global is, and wires thousands of imports. That is
//! most of the time that a fresh sandbox takes, and it comes to the same every time. So it is done once, here.
//!
//! A strategy that was loaded into such a component differs from another one in the content of its memory and in a few
//! globals. Not in code. With the memory's content taken out, all strategies share one component: compiled once, audited
//! once, and a strategy is an image.
//!
//! # How
//!
//! 1. `component` takes the component apart, `module` each core module.
//! 2. `link` finds for each import the place of its definition, through aliases, bundles and instances. All modules are
//!    merged but two: the *shim*, a table with a function for each import that calls through it, and the *fix-up*, which
//!    fills that table. They break a circle, because an import's lowering needs the guest's memory and its allocator.
//! 3. `live` follows calls from the exports and from the tables. What nobody reaches is left out, and with it many of the
//!    instructions that write globals. Of 871 globals three are ever written.
//! 4. `constants` gives the others their value for good, and with it each segment its offset.
//! 5. `merge` copies the live functions with new numbers, a read of a constant global as that constant.
//! 6. `rebuild` puts the component together again: imports, types and exports as they were.
//!
//! # The result
//!
//! - The component's first core module defines the memory and nothing else. [`flatten`] leaves it empty and returns its
//!   content apart; [`with_image`] fills it, with the same content or another, and gives a component that stands alone;
//!   [`with_imported_memory`] leaves it to the host, which is given an [`image_module`].
//! - The merged module imports that memory. When it is instantiated it takes the values of its globals from cells at the
//!   memory's lowest addresses ([`CELLS`]), below the stack, where a program never looks.
//! - The component exports one function more, [`names::SNAPSHOT`]: it puts the globals into their cells and traps. An
//!   instance is ended with it whose memory is to become an image.
//! - [`standalone`] (`world`) leaves one export of it, for a strategy that is to run anywhere.
//!
//! What there is no rule for is an error: nothing is guessed, and the result is validated with the features that the caller
//! gives. That it behaves the same is shown by the sandbox's tests, which run the same strategies on both.

mod component;
mod constants;
mod error;
mod link;
mod live;
mod memory;
mod merge;
mod module;
mod rebuild;
mod world;

use wasmparser::{Parser, Validator, WasmFeatures};

pub use error::Error;
pub use memory::{image_module, with_image, with_imported_memory};

/// Bytes of a page of WebAssembly memory.
pub const PAGE: usize = 64 << 10;

/// Address of the first global's cell; the next ones follow, four bytes each.
pub const CELLS: u32 = 16;

/// Names that the flattened component has for its parts.
pub mod names {
    /// The export that ends an instance whose memory is to be kept.
    pub const SNAPSHOT: &str = "snapshot";
    /// The memory's module, as what imports it calls it, and the memory in it.
    pub const MEMORY: &str = "memory";
    /// What the merged module imports functions from.
    pub(crate) const HOST: &str = "host";
}

/// A component whose code and memory were separated.
pub struct Flattened {
    /// The component. Its memory has its size, and nothing in it.
    pub component: Vec<u8>,
    /// What belongs into the memory before the first instruction. Whole pages.
    pub image: Vec<u8>,
}

/// What the Python runtime, and any strategy, may use of WebAssembly. Everything else is switched off in the engine, whose code
/// for it is then out of reach.
pub fn features() -> WasmFeatures {
    const OFF: WasmFeatures = WasmFeatures::THREADS
        .union(WasmFeatures::SHARED_EVERYTHING_THREADS)
        .union(WasmFeatures::RELAXED_SIMD)
        .union(WasmFeatures::MEMORY64)
        .union(WasmFeatures::MULTI_MEMORY)
        .union(WasmFeatures::GC)
        .union(WasmFeatures::FUNCTION_REFERENCES)
        .union(WasmFeatures::EXCEPTIONS)
        .union(WasmFeatures::LEGACY_EXCEPTIONS)
        .union(WasmFeatures::TAIL_CALL)
        .union(WasmFeatures::STACK_SWITCHING)
        .union(WasmFeatures::WIDE_ARITHMETIC)
        .union(WasmFeatures::CUSTOM_PAGE_SIZES)
        .union(WasmFeatures::CM_ASYNC)
        .union(WasmFeatures::CM_ERROR_CONTEXT);
    WasmFeatures::default().difference(OFF)
}

/// A flattened component as one of a public world: with that function as its only export, under the name that it has there, and
/// the image as its memory. What it is made of is valid already, so that only its own structure is looked at once more.
///
/// The same arguments give the same bytes.
pub fn standalone(
    flattened: &[u8],
    image: &[u8],
    export: &str,
    name: &str,
    features: WasmFeatures,
) -> Result<Vec<u8>, Error> {
    let component = with_image(&world::only(flattened, export, name)?, image)?;
    let mut validator = Validator::new_with_features(features);
    for payload in Parser::new(0).parse_all(&component) {
        validator.payload(&payload?).map_err(Error::Invalid)?;
    }
    Ok(component)
}

/// Flattens a component that componentize-py made. `features` is what input and output may use of WebAssembly.
pub fn flatten(bytes: &[u8], features: WasmFeatures) -> Result<Flattened, Error> {
    let validate = |bytes: &[u8]| Validator::new_with_features(features).validate_all(bytes).map(|_| ());
    validate(bytes)?;
    let component = component::Component::parse(bytes)?;
    let linked = link::Linked::new(&component)?;
    let referred = linked.referred()?;
    let live = live::Live::find(&linked, &referred)?;
    let globals = constants::Globals::find(&linked, &live)?;
    let merged = merge::merge(&linked, &live, &globals, &referred)?;
    let component = rebuild::component(&linked, &merged, (merged.image.len() / PAGE) as u64)?;
    validate(&component).map_err(Error::Invalid)?;
    Ok(Flattened { component, image: merged.image })
}
