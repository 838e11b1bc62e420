#!/bin/sh
# Builds data_load.wasm here. Exit status: 0 built, 1 the build failed, 2 something to build with is missing.
set -eu
cd "$(dirname "$0")"

installed() {
    [ -d "$(rustc --print target-libdir --target "$1" 2>/dev/null)" ]
}

if installed wasm32-wasip2; then
    target=wasm32-wasip2
elif installed wasm32-unknown-unknown; then
    target=wasm32-unknown-unknown
    # This target's linker makes core modules; wasip2's makes components.
    command -v wasm-tools >/dev/null || {
        echo "wasm32-unknown-unknown needs wasm-tools: cargo install wasm-tools; or: rustup target add wasm32-wasip2" >&2
        exit 2
    }
else
    echo "Rust has no WebAssembly target on this machine: rustup target add wasm32-wasip2" >&2
    exit 2
fi

cargo build --locked --release --target "$target" || exit 1
built=${CARGO_TARGET_DIR:-target}/$target/release/stratagem_strategy_rust.wasm
if [ "$target" = wasm32-wasip2 ]; then
    cp "$built" data_load.wasm
else
    wasm-tools component new "$built" -o data_load.wasm
fi
echo "data_load.wasm: $(wc -c <data_load.wasm) bytes, for $target"
