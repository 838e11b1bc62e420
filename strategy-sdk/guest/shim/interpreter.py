"""The interpreter as every strategy finds it, prepared once, when a component is built."""

from __future__ import annotations

import gc
from pathlib import Path

import tzdata

from shim import clock, heap, host, imports, logs, loop, randomness, stdlib, stubs, zones
from shim.errors import format_own
from shim.runtime import Runtime
from stratagem import http

_PRIVATE = (
    "app", "component_app", "componentize_py_runtime", "componentize_py_types", "shim", "tzdata", "wit_world",
)  # fmt: skip


def prepare(write: logs.Write) -> Runtime:
    """Prepares the interpreter. What is logged and printed from now on goes to `write`."""
    # The order matters: the library, then what patches it, then what hides it.
    stdlib.install()
    zones.install(Path(tzdata.__file__).parent / "zoneinfo")
    clock.install()
    http.use(host.HostTransport())
    generator = randomness.install()
    run_loop = loop.install()
    loop.RunLoop.report = staticmethod(lambda what, error: write("error", f"{what}\n{format_own(error)}"))
    stubs.install()
    # Last of all: what goes wrong above is told on the real stderr of the build.
    return Runtime(run_loop, logs.install(write), generator.begin)


def private_modules() -> tuple[str, ...]:
    """Names of what is loaded of our own beside the SDK.

    componentize-py looks for it once the app has run, so that it can be hidden from a strategy only in the instance.
    """
    return imports.loaded(*_PRIVATE)


def seal() -> None:
    """Ends the preparation: nothing is imported from files any more."""
    imports.install()
    # What is alive now lives as long as the image: a collection in a run need not walk it.
    gc.collect()
    gc.freeze()
    heap.close_holes(6 << 20)
    heap.renew_freed()
    gc.freeze()
