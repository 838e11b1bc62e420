"""Builds the Python runtime component: CPython, the SDK and the guest shim as one WebAssembly file.

    python build_runtime.py [--out PATH]

Does nothing where the file is already there for the same inputs. The file is replaced in one step, so that a server which
reads it meanwhile sees the old or the new one.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

SDK = Path(__file__).resolve().parent
WIT = SDK.parent / "wit"
WORLD = "python-component"
DEFAULT_OUT = Path("~/.cache/stratagem/python-runtime/python-runtime.wasm")
TOOLS = ("componentize-py", "tzdata")


def main() -> int:
    options = argparse.ArgumentParser(description="Builds the Python runtime component.")
    options.add_argument("--out", type=Path, help="where to put it; default: $STRATAGEM_RUNTIME_WASM, else the cache")
    chosen = options.parse_args().out or os.environ.get("STRATAGEM_RUNTIME_WASM") or DEFAULT_OUT
    out = Path(chosen).expanduser().resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    with only_one_builder(out):
        return build_where_needed(out)


def build_where_needed(out: Path) -> int:
    """The work of `main`. Returns the exit status."""
    wanted, sidecar = content_hash(), out.with_name(f"{out.name}.hash")
    if out.exists() and sidecar.exists() and sidecar.read_text().strip() == wanted:
        print(f"python runtime: {out} is up to date ({wanted[:12]})")
        return 0
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".building-") as scratch:
        built = componentize(Path(scratch))
        if built is None:
            return 1
        sidecar.unlink(missing_ok=True)
        built.replace(out)
    sidecar.write_text(f"{wanted}\n")
    megabytes, seconds = out.stat().st_size / 1e6, time.monotonic() - started
    print(f"python runtime: built {out} ({wanted[:12]}), {megabytes:.1f} MB in {seconds:.1f} s")
    return 0


def content_hash() -> str:
    """SHA-256 over everything that the component is made of."""
    digest = hashlib.sha256()
    for tool in TOOLS:
        digest.update(f"{tool} {version(tool)}\n".encode())
    for path in sorted(inputs()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(SDK.parent)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def inputs() -> Iterator[Path]:
    """The contract, the shim, the SDK and this file."""
    yield from WIT.glob("*.wit")
    yield from (SDK / "guest").rglob("*.py")
    yield from (SDK / "src").rglob("*.py")
    yield Path(__file__).resolve()


def componentize(scratch: Path) -> Path | None:
    """Builds into the scratch folder. Returns the component, or None where the tool failed, whose words are then shown."""
    sources = scratch / "python"
    for package in (SDK / "guest" / "shim", SDK / "src" / "stratagem", installed("tzdata")):
        shutil.copytree(package, sources / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(SDK / "guest" / "app.py", sources)
    built = scratch / "python-runtime.wasm"
    tool = [str(Path(sys.executable).with_name("componentize-py")), "-d", str(WIT), "-w", WORLD]
    # The tool mounts the packages of whatever environment it finds; an empty one leaves it with what was copied here.
    empty = scratch / "environment"
    (empty / "lib" / "site-packages").mkdir(parents=True)
    environment = os.environ | {"VIRTUAL_ENV": str(empty)}
    run = subprocess.run(
        [*tool, "componentize", "app", "-p", str(sources), "-o", str(built)],
        env=environment, cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if run.returncode != 0:
        print(run.stdout, file=sys.stderr)
        print(f"python runtime: componentize-py failed ({run.returncode})", file=sys.stderr)
        return None
    return built


def installed(package: str) -> Path:
    """Folder of a package of this interpreter."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"python runtime: {package} is not installed; run `pip install -r {SDK}/requirements.txt`")
    return Path(spec.origin).parent


@contextmanager
def only_one_builder(out: Path) -> Iterator[None]:
    """Two builds at once would do the same work twice; the second finds it done."""
    with open(out.with_name(f"{out.name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
