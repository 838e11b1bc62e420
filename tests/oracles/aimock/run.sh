#!/bin/sh
# Runs the agents' client against aimock, a model's server that others wrote: one that answers, one that always answers 429 and one whose
# JSON is always broken. Needs npm. Ports are BASE_PORT (14011 unless it is set) and the two after it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
port=${BASE_PORT:-14011}
servers=""
trap 'kill $servers 2>/dev/null || true; rm -rf "$work"' EXIT

npm install --silent --no-audit --no-fund --prefix "$work" @copilotkit/aimock@1.43.0
serve() {
    AIMOCK_API_KEYS=sk-s3cret node "$work/node_modules/.bin/llmock" -h 127.0.0.1 -f "$here/fixtures.json" --strict --log-level warn "$@" &
    servers="$servers $!"
}
serve -p "$port"
serve -p $((port + 1)) --chaos-ratelimit 1
serve -p $((port + 2)) --chaos-malformed 1
for each in 0 1 2; do
    curl --silent --retry 40 --retry-delay 1 --retry-connrefused --output /dev/null "http://127.0.0.1:$((port + each))/health"
done

export STRATAGEM_AIMOCK="http://127.0.0.1:$port/v1 http://127.0.0.1:$((port + 1))/v1 http://127.0.0.1:$((port + 2))/v1"
cargo test -p stratagem-channels -p stratagem-agent -p stratagem-providers --test aimock -- --ignored
