# What people type. Needs Rust, Python 3.11 or newer, make and a C compiler; everything else it gets itself, into
# ~/.cache/stratagem. Nothing has to be configured; CONTRIBUTING.md says what can be.

CACHE := $(HOME)/.cache/stratagem
VENV := $(CACHE)/venv
PYTHON ?= python3
EXAMPLE ?= pre-collection

export CARGO_TARGET_DIR ?= $(CACHE)/target
# Tests start the mail catcher with it.
export STRATAGEM_PYTHON := $(VENV)/bin/python

BINARY := $(CARGO_TARGET_DIR)/debug/stratagem
REQUIREMENTS := strategy-sdk/requirements.txt
INSTALLED := $(VENV)/requirements.installed
STARTED := $(shell date +%s)

# Cargo has jobs of its own: what `make -j` has to share out would only confuse it.
unexport MAKEFLAGS MFLAGS
# `--workspace` on every build: the same features, so the dependencies are compiled once for all of them.
CARGO_BUILD := cargo build --locked --workspace
say = @printf '\n== %s\n' "$(1)"
took = $$(( $$(date +%s) - $(STARTED) )) s

.DEFAULT_GOAL := help
.PHONY: help tools checkout venv runtime build demo serve test check bench peers bench-db verify chaos fuzz oracles clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | \
	  while IFS='|' read -r name text; do printf '%-16s%s\n' "$$name" "$$text"; done

demo: build ## everything from nothing: builds, runs a campaign from file to last conversation, compares the end
	$(call say,Demo: $(EXAMPLE))
	@"$(STRATAGEM_PYTHON)" examples/demo.py --binary "$(BINARY)" --example "$(EXAMPLE)"

serve: build ## a server on the real clock that keeps its data in ./data
	$(call say,Server with its data in ./data; Ctrl-C stops it. The API in a browser: http://$${STRATAGEM_LISTEN:-127.0.0.1:8080}/docs)
	@exec "$(BINARY)" serve --data-dir ./data

test: runtime ## every test: Rust on SQLite and on PostgreSQL, Python, types
	$(call say,Python: tests and types of the SDK)
	cd strategy-sdk && "$(STRATAGEM_PYTHON)" -m pytest -q && "$(STRATAGEM_PYTHON)" -m mypy
	$(call say,Rust: building. The first time that is some 400 dependencies: 9 to 16 minutes on 2 cores.)
	$(CARGO_BUILD) --all-targets
	$(call say,Rust: tests on SQLite)
	cargo test --locked --workspace
	$(call say,Rust: what has to do with a database once more on PostgreSQL)
	"$(STRATAGEM_PYTHON)" tests/support/postgres.py run \
	  cargo test --locked --workspace --lib --test it -- --skip equivalence
	@printf '\n== All tests passed (%s).\n' "$(took)"

check: runtime ## what review would say anyway: format, lints, types, documentation
	$(call say,Format)
	cargo fmt --all --check
	$(call say,Lints)
	cargo clippy --locked --workspace --all-targets -- -D warnings
	$(call say,Types of the SDK)
	cd strategy-sdk && "$(STRATAGEM_PYTHON)" -m mypy
	$(call say,Documentation)
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps
	@printf '\n== All checks passed (%s).\n' "$(took)"

bench: runtime peers ## what a decision, an import, a whole journey and memory cost, in one run beside others' sandboxes
	$(call say,Building the benchmark: our crates optimised too)
	CARGO_PROFILE_DEV_OPT_LEVEL=3 $(CARGO_BUILD) --bin stratagem --bin stratagem-bench
	@STRATAGEM_BENCH_PYTHON="$(PEERS)/bin/python" "$(CARGO_TARGET_DIR)/debug/stratagem-bench" $(BENCH)

# What does not install on this machine is left out, and the benchmark says so. eryx needs Python 3.12: `make bench PYTHON=python3.13`.
PEERS := $(CACHE)/bench
PEERS_LIST := tests/src/bin/stratagem-bench/peers/requirements.txt
peers: tools
	@tried="$$("$(PYTHON)" --version; cat $(PEERS_LIST))"; \
	if [ "$$(cat "$(PEERS)/tried" 2>/dev/null)" != "$$tried" ]; then \
	  printf '\n== Sandboxes of others, to be measured beside ours: installing them into %s\n' "$(PEERS)"; \
	  "$(PYTHON)" -m venv --clear "$(PEERS)" || exit 1; \
	  while read -r package; do \
	    "$(PEERS)/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: "$$package" || \
	      echo "$$package does not install here: the benchmark goes without it"; \
	  done < $(PEERS_LIST); \
	  echo "$$tried" > "$(PEERS)/tried"; \
	fi

# PostgreSQL has to be durable here, as SQLite is.
bench-db: runtime ## what the database costs: beside raw statements, as rows grow, with one server and with two
	$(call say,Building the benchmark: our crates optimised too)
	CARGO_PROFILE_DEV_OPT_LEVEL=3 $(CARGO_BUILD) --bin stratagem --bin stratagem-bench-db
	@"$(STRATAGEM_PYTHON)" tests/support/postgres.py run --durable \
	  "$(CARGO_TARGET_DIR)/debug/stratagem-bench-db" $(BENCH)

# Not part of the tests: about an hour. `make verify DECISIONS=3000` takes 10 s.
DECISIONS ?= 1000000
verify: runtime ## a million decisions of several strategies, the whole memory compared with its image after each
	@STRATAGEM_VERIFY=$(DECISIONS) cargo test --locked --workspace --test sandbox -- --ignored --nocapture very_many

# Not part of the tests: an hour. `make chaos CHAOS="--scenario kill --database sqlite" CHAOS_ROUNDS=20` for one of them. PostgreSQL has
# to be durable here: what it has committed must be there after it was killed.
CHAOS_ROUNDS ?= 200
chaos: runtime ## kills the server, its database, disk and mail server at random moments, then counts who was lost or doubled
	$(call say,Building the server and what attacks it)
	$(CARGO_BUILD) --bin stratagem --bin stratagem-chaos
	@"$(STRATAGEM_PYTHON)" tests/support/postgres.py run --durable \
	  "$(CARGO_TARGET_DIR)/debug/stratagem-chaos" --rounds $(CHAOS_ROUNDS) $(CHAOS)

# Not part of the tests: minutes, another compiler, and a target directory of its own. `make fuzz FUZZ_SECONDS=600` for longer.
FUZZ_SECONDS ?= 60
FUZZ := values contacts component csv json_lines mail
fuzz: runtime ## what comes from outside, thrown at the code that reads it first: a minute for each target, on nightly
	@command -v cargo-fuzz >/dev/null || { echo 'installing cargo-fuzz'; cargo install --locked cargo-fuzz; }
	$(call say,Building the fuzz targets with nightly. The first time that takes 10 to 20 minutes.)
	@cp Cargo.lock tests/fuzz/Cargo.lock
	@for target in $(FUZZ); do \
	  printf '\n== Fuzzing %s for %s s\n' "$$target" "$(FUZZ_SECONDS)"; \
	  mkdir -p "$(CACHE)/fuzz/$$target"; \
	  CARGO_TARGET_DIR="$(CACHE)/fuzz-target" cargo +nightly fuzz run --fuzz-dir tests/fuzz --sanitizer none --release "$$target" \
	    "$(CACHE)/fuzz/$$target" "tests/fuzz/seeds/$$target" -- -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=4096 \
	    -max_len=65536 -print_final_stats=1 || exit 1; \
	done

# Not part of the tests: what it installs is others' libraries, with all that they need.
ORACLES := $(CACHE)/oracles
# The descriptions that Prism compares with: STRATAGEM_PROVIDER_SPECS=FOLDER; tests/oracles/prism.py says which.
PRISM_VERSION := 5.16.0
PRISM := $(ORACLES)/prism-$(PRISM_VERSION)
export STRATAGEM_PRISM = $(PRISM)/node_modules/.bin/prism
oracles: build ## the stand-ins of providers and our requests, judged by the providers' own libraries and descriptions
	@if ! cmp -s tests/oracles/requirements.txt "$(ORACLES)/requirements.installed"; then \
	  printf '\n== Installing the libraries into %s\n' "$(ORACLES)"; \
	  "$(PYTHON)" -m venv --clear "$(ORACLES)" && \
	  "$(ORACLES)/bin/python" -m pip install --quiet --disable-pip-version-check -r tests/oracles/requirements.txt && \
	  cp tests/oracles/requirements.txt "$(ORACLES)/requirements.installed" || exit 1; \
	fi
	@if [ -n "$$STRATAGEM_PROVIDER_SPECS" ] && [ ! -x "$$STRATAGEM_PRISM" ]; then \
	  command -v npm >/dev/null || { echo "Prism needs Node: there is no npm" >&2; exit 1; }; \
	  printf '\n== Installing Prism into %s\n' "$(PRISM)"; \
	  npm install --silent --no-audit --no-fund --prefix "$(PRISM)" "@stoplight/prism-cli@$(PRISM_VERSION)" || exit 1; \
	fi
	@for oracle in tests/oracles/*.py; do \
	  printf '\n== %s\n' "$$oracle"; \
	  "$(ORACLES)/bin/python" "$$oracle" "$(CARGO_TARGET_DIR)/debug/stratagem-providers" || exit 1; \
	done

build: runtime ## the server, $CARGO_TARGET_DIR/debug/stratagem, and the stand-ins of providers beside it
	$(call say,Server: building. The first time that is some 400 dependencies: 9 to 16 minutes on 2 cores.)
	$(CARGO_BUILD) --bin stratagem --bin stratagem-providers

runtime: venv checkout ## the Python runtime component that strategies run on
	$(call say,Python runtime: CPython and the SDK as one WebAssembly component. Takes 10 to 30 s where something changed.)
	@"$(STRATAGEM_PYTHON)" strategy-sdk/build_runtime.py

# Made anew only where it does not work; otherwise brought up to date where requirements.txt changed.
venv: tools
	@if [ "$$(cat "$(INSTALLED)" 2>/dev/null)" = "$$(cat $(REQUIREMENTS))" ] && "$(STRATAGEM_PYTHON)" -c '' 2>/dev/null; then \
	  exit 0; \
	fi; \
	printf '\n== Python tools: a virtual environment in %s. Takes about half a minute, once.\n' "$(VENV)"; \
	if ! "$(STRATAGEM_PYTHON)" -c 'import pip' 2>/dev/null; then \
	  rm -rf "$(VENV)"; mkdir -p "$(CACHE)"; \
	  "$(PYTHON)" -m venv "$(VENV)" || { \
	    echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; \
	fi; \
	"$(STRATAGEM_PYTHON)" -m pip install --quiet --disable-pip-version-check -r $(REQUIREMENTS) && \
	cp $(REQUIREMENTS) "$(INSTALLED)"

# Cargo tells our crates apart by their place in the workspace and by times alone, so in a target directory that checkouts
# share it would take another checkout's build for this one's. New times make it look.
checkout:
	@if [ "$$(cat "$(CARGO_TARGET_DIR)/checkout" 2>/dev/null)" != "$(CURDIR)" ]; then \
	  find channels migrations runtime tests -name '*.rs' -exec touch {} +; \
	  mkdir -p "$(CARGO_TARGET_DIR)"; echo "$(CURDIR)" > "$(CARGO_TARGET_DIR)/checkout"; \
	fi

# What is missing is said at once, not after minutes.
tools:
	@command -v cargo >/dev/null || { echo "There is no cargo: install Rust 1.95 or newer from https://rustup.rs" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "There is no C compiler (cc): on Debian and Ubuntu, apt-get install build-essential" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is missing or older than 3.11; name another one: make PYTHON=python3.12 …" >&2; exit 1; }

clean: ## removes what was built and the caches; keeps ./data
	cargo clean
	rm -rf "$(VENV)" "$(ORACLES)" "$(PEERS)" "$(CACHE)/python-runtime" "$(CACHE)/artefacts-test"
	find strategy-sdk examples tests -name __pycache__ -o -name .pytest_cache -o -name .mypy_cache | xargs rm -rf
