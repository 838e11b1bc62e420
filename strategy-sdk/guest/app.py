"""The Python runtime component: everything at the top level runs once, when it is built, and is part of its memory image."""

# The order matters: the library, then what patches it, then what hides it.
# isort: off
from shim import stdlib

stdlib.install()

import gc
from pathlib import Path

import tzdata
import wit_world
from componentize_py_types import Err
from wit_world.imports.types import StrategyError

from shim import clock, host, imports, logs, loop, stubs, zones
from shim.errors import Failure, describe, format_own
from shim.runtime import Runtime
from stratagem import http

zones.install(Path(tzdata.__file__).parent / "zoneinfo")
clock.install()
http.use(host.HostTransport())
_loop = loop.install()
loop.RunLoop.report = staticmethod(lambda what, error: host.write_log("error", f"{what}\n{format_own(error)}"))
stubs.install()
# Last of all: what goes wrong above is told on the real stderr of the build.
_runtime = Runtime(_loop, logs.install(host.write_log))

# Found by componentize-py after this file has run, so they can be hidden only in the instance.
_PRIVATE = imports.loaded("app", "componentize_py_runtime", "componentize_py_types", "shim", "tzdata", "wit_world")
_HOOKS = {hook: hook.name.lower() for hook in wit_world.Hook}


class WitWorld(wit_world.WitWorld):
    """The component's exports. Only `Err` crosses as an error, any other exception would be a trap."""

    def load(self, source: str, function: str, hook: wit_world.Hook, time_zone: str) -> None:
        try:
            imports.hide(_PRIVATE)
            _runtime.load(source, function, _HOOKS[hook], time_zone)
        except BaseException as error:
            failure = describe(error)
        else:
            return
        raise _crossing(failure)

    def call(self, input: str) -> str:
        try:
            output = _runtime.call(input)
            # A strategy can replace whatever made this text; one that the boundary cannot carry would abort the guest.
            str.encode(output)
            return output
        except BaseException as error:
            failure = describe(error)
        raise _crossing(failure)


def _crossing(failure: Failure) -> Err:
    return Err(StrategyError(failure.kind, failure.message, failure.traceback, failure.line, failure.column))


imports.install()
# What is alive now lives as long as the image: a collection in a run need not walk it.
gc.collect()
gc.freeze()
