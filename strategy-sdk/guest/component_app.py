"""A compiled strategy: the tenant's module and what runs it, for the three public worlds.

Everything at the top level runs once, on the tenant's machine, when `python -m stratagem build` makes the component,
and is part of its memory image: the tenant's own top level too. What to load stands in `strategy.json` beside this
file; what came of it is written to `report.json`.
"""

import io
import json
from dataclasses import asdict
from pathlib import Path

import wit_world
from wit_world.imports import types

from shim import building, given, host, imports, interpreter, records
from shim.errors import describe
from shim.hooks import HOOKS

_folder = Path(__file__).parent
_strategy = json.loads((_folder / "strategy.json").read_text())
_hook = HOOKS[_strategy["hook"]]
# Strategies have no files, not even this one's: the function is replaced below.
_open = io.open

_log = building.Log(host.write_log)
_runtime = interpreter.prepare(_log.write)
_private = interpreter.private_modules()
_failure = None
try:
    with building.without_host(), imports.hidden(_private):
        imports.install_for_build(except_from=(str(_folder), "/world", "/bundled"))
        _runtime.load(_strategy["modules"], _strategy["entry"], _strategy["function"], _hook.name)
except BaseException as error:
    _failure = describe(error)
with _open(_folder / "report.json", "w") as _file:
    json.dump({"failure": _failure and asdict(_failure), "log": _log.lines}, _file)
if _failure:
    raise SystemExit(1)
_log.pass_on()


class WitWorld(wit_world.WitWorld):
    """The component's export, which is one of these two. Only `Err` crosses as an error, any other would be a trap."""

    def run(
        self, contact: types.Contact, other: types.Contact | str | None, context: types.RunContext
    ) -> types.Contact:
        return _call(contact, other, context)

    def on_agent_answer(
        self, contact: types.Contact, message: types.Message, context: types.RunContext
    ) -> types.Contact | None:
        return _call(contact, message, context)


def _call(contact: types.Contact, other: object, context: types.RunContext) -> types.Contact | None:
    try:
        imports.hide(_private)
        return records.contact_record(_runtime.run(given.Documents(records.document(_hook, contact, other, context))), types)
    except BaseException as error:
        failure = describe(error)
    raise host.crossing(failure)


interpreter.seal()
