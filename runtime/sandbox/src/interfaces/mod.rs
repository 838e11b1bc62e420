//! What answers each import of a strategy. [`INTERFACES`] is the whole of it: what is not in the list is not linked, and a
//! component that imports anything else is refused when the sandbox is opened.

pub(crate) mod http;
mod logging;
pub(crate) mod random;
mod stdio;
pub(crate) mod wasi;

use wasmtime::component::{HasSelf, Linker};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p2::bindings as p2;
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView};

use crate::bindings::stratagem::strategy;
use crate::state::RunState;
use wasi::Resources;

/// One interface that a strategy may import.
pub(crate) struct Interface {
    /// Package and name, without the version.
    pub(crate) name: &'static str,
    /// What answers it, for the reader of a boundary report.
    pub(crate) answered_by: &'static str,
    link: fn(&mut Linker<RunState>) -> wasmtime::Result<()>,
}

const DENIED_FILES: &str = "denied: no directory is preopened, so there is nothing to open";
const DENIED_SOCKETS: &str = "denied: TCP, UDP and name lookup are refused";
const NO_TERMINAL: &str = "denied: nothing is a terminal";

/// Every interface that is linked, ours first.
#[rustfmt::skip]
pub(crate) const INTERFACES: &[Interface] = &[
    Interface {
        name: "stratagem:strategy/types",
        answered_by: "nothing to answer: types only",
        link: |l| strategy::types::add_to_linker::<_, HasSelf<RunState>>(l, |state| state),
    },
    Interface {
        name: "stratagem:strategy/logging",
        answered_by: "the run's log, capped in lines and bytes",
        link: |l| strategy::logging::add_to_linker::<_, HasSelf<RunState>>(l, |state| state),
    },
    Interface {
        name: "stratagem:strategy/http",
        answered_by: "the host makes the request: hosts on the tenant's list, public addresses, capped and recorded",
        link: |l| strategy::http::add_to_linker::<_, HasSelf<RunState>>(l, |state| state),
    },
    Interface {
        name: "wasi:clocks/wall-clock",
        answered_by: "the run's clock: stands still at the run's now",
        link: |l| p2::clocks::wall_clock::add_to_linker::<RunState, WasiClocks>(l, RunState::clocks),
    },
    Interface {
        name: "wasi:clocks/monotonic-clock",
        answered_by: "the run's clock: stands still at 0; waiting is real and ends with the run's wall clock limit",
        link: |l| p2::clocks::monotonic_clock::add_to_linker::<RunState, WasiClocks>(l, RunState::clocks),
    },
    Interface {
        name: "wasi:random/random",
        answered_by: "bytes derived from the run's seed",
        link: |l| p2::random::random::add_to_linker::<_, HasSelf<random::RunRandom>>(l, |state: &mut RunState| &mut state.random),
    },
    Interface {
        name: "wasi:random/insecure",
        answered_by: "bytes derived from the run's seed",
        link: |l| p2::random::insecure::add_to_linker::<_, HasSelf<random::RunRandom>>(l, |state: &mut RunState| &mut state.random),
    },
    Interface {
        name: "wasi:random/insecure-seed",
        answered_by: "bytes derived from the run's seed",
        link: |l| p2::random::insecure_seed::add_to_linker::<_, HasSelf<random::RunRandom>>(l, |state: &mut RunState| &mut state.random),
    },
    Interface {
        name: "wasi:cli/environment",
        answered_by: "empty: no variables, no arguments, no directory",
        link: |l| p2::cli::environment::add_to_linker::<RunState, WasiCli>(l, RunState::cli),
    },
    Interface {
        name: "wasi:cli/exit",
        answered_by: "ends the run as a trap",
        link: |l| p2::cli::exit::add_to_linker::<RunState, WasiCli>(l, RunState::cli),
    },
    Interface {
        name: "wasi:cli/stdin",
        answered_by: "empty",
        link: |l| p2::cli::stdin::add_to_linker::<RunState, WasiCli>(l, RunState::cli),
    },
    Interface {
        name: "wasi:cli/stdout",
        answered_by: "the run's log, capped in lines and bytes",
        link: |l| p2::cli::stdout::add_to_linker::<RunState, WasiCli>(l, RunState::cli),
    },
    Interface {
        name: "wasi:cli/stderr",
        answered_by: "the run's log, capped in lines and bytes",
        link: |l| p2::cli::stderr::add_to_linker::<RunState, WasiCli>(l, RunState::cli),
    },
    Interface {
        name: "wasi:cli/terminal-input",
        answered_by: NO_TERMINAL,
        link: |l| p2::cli::terminal_input::add_to_linker::<RunState, WasiCli>(l, RunState::cli),
    },
    Interface {
        name: "wasi:cli/terminal-output",
        answered_by: NO_TERMINAL,
        link: |l| p2::cli::terminal_output::add_to_linker::<RunState, WasiCli>(l, RunState::cli),
    },
    Interface {
        name: "wasi:cli/terminal-stdin",
        answered_by: NO_TERMINAL,
        link: |l| p2::cli::terminal_stdin::add_to_linker::<RunState, WasiCli>(l, RunState::cli),
    },
    Interface {
        name: "wasi:cli/terminal-stdout",
        answered_by: NO_TERMINAL,
        link: |l| p2::cli::terminal_stdout::add_to_linker::<RunState, WasiCli>(l, RunState::cli),
    },
    Interface {
        name: "wasi:cli/terminal-stderr",
        answered_by: NO_TERMINAL,
        link: |l| p2::cli::terminal_stderr::add_to_linker::<RunState, WasiCli>(l, RunState::cli),
    },
    Interface {
        name: "wasi:io/error",
        answered_by: "texts of errors of the streams below",
        link: |l| p2::io::error::add_to_linker::<RunState, Resources>(l, Resources::of),
    },
    Interface {
        name: "wasi:io/poll",
        answered_by: "waiting for the streams below and the monotonic clock",
        link: |l| p2::io::poll::add_to_linker::<RunState, Resources>(l, Resources::of),
    },
    Interface {
        name: "wasi:io/streams",
        answered_by: "stdin, stdout and stderr: there are no other streams",
        link: |l| p2::io::streams::add_to_linker::<RunState, Resources>(l, Resources::of),
    },
    Interface {
        name: "wasi:filesystem/types",
        answered_by: DENIED_FILES,
        link: |l| p2::filesystem::types::add_to_linker::<RunState, WasiFilesystem>(l, RunState::filesystem),
    },
    Interface {
        name: "wasi:filesystem/preopens",
        answered_by: DENIED_FILES,
        link: |l| p2::filesystem::preopens::add_to_linker::<RunState, WasiFilesystem>(l, RunState::filesystem),
    },
    Interface {
        name: "wasi:sockets/network",
        answered_by: DENIED_SOCKETS,
        link: |l| p2::sockets::network::add_to_linker::<RunState, WasiSockets>(l, &p2::sockets::network::LinkOptions::default(), RunState::sockets),
    },
    Interface {
        name: "wasi:sockets/instance-network",
        answered_by: DENIED_SOCKETS,
        link: |l| p2::sockets::instance_network::add_to_linker::<RunState, WasiSockets>(l, RunState::sockets),
    },
    Interface {
        name: "wasi:sockets/ip-name-lookup",
        answered_by: DENIED_SOCKETS,
        link: |l| p2::sockets::ip_name_lookup::add_to_linker::<RunState, WasiSockets>(l, RunState::sockets),
    },
    Interface {
        name: "wasi:sockets/tcp",
        answered_by: DENIED_SOCKETS,
        link: |l| p2::sockets::tcp::add_to_linker::<RunState, WasiSockets>(l, RunState::sockets),
    },
    Interface {
        name: "wasi:sockets/tcp-create-socket",
        answered_by: DENIED_SOCKETS,
        link: |l| p2::sockets::tcp_create_socket::add_to_linker::<RunState, WasiSockets>(l, RunState::sockets),
    },
    Interface {
        name: "wasi:sockets/udp",
        answered_by: DENIED_SOCKETS,
        link: |l| p2::sockets::udp::add_to_linker::<RunState, WasiSockets>(l, RunState::sockets),
    },
    Interface {
        name: "wasi:sockets/udp-create-socket",
        answered_by: DENIED_SOCKETS,
        link: |l| p2::sockets::udp_create_socket::add_to_linker::<RunState, WasiSockets>(l, RunState::sockets),
    },
];

/// Name of each interface that is linked, and what answers it.
pub fn interfaces() -> impl Iterator<Item = (&'static str, &'static str)> {
    INTERFACES.iter().map(|interface| (interface.name, interface.answered_by))
}

/// The interface has types and no functions.
impl strategy::types::Host for RunState {}

/// Links the whole list.
pub(crate) fn link(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    INTERFACES.iter().try_for_each(|interface| (interface.link)(linker))
}
