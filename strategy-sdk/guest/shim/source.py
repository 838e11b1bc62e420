"""A tenant's source text as a module with an entry point."""

from __future__ import annotations

import inspect
import linecache
import sys
import types
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any, cast

from shim.errors import TENANT_FILE, MissingFunction
from stratagem import Communication, CommunicationStatus, Contact, Message

_MODULE = TENANT_FILE.removesuffix(".py")

# The specification's samples use the first six without an import. `time` is left out: whoever writes it means the module.
NAMES: dict[str, Any] = {
    "Contact": Contact,
    "Communication": Communication,
    "CommunicationStatus": CommunicationStatus,
    "Message": Message,
    "datetime": datetime,
    "timedelta": timedelta,
    "date": date,
    "timezone": timezone,
}


def execute(source: str) -> types.ModuleType:
    """Runs the source's top level in a module of its own."""
    # Without a modification time, linecache keeps the entry: tracebacks show the tenant's lines.
    linecache.cache[TENANT_FILE] = (len(source), None, source.splitlines(keepends=True), TENANT_FILE)
    module = types.ModuleType(_MODULE)
    module.__dict__.update(NAMES, __file__=TENANT_FILE)
    sys.modules[_MODULE] = module
    exec(_compile(source), module.__dict__)
    return module


def _compile(source: str) -> types.CodeType:
    try:
        return compile(source, TENANT_FILE, "exec", dont_inherit=True)
    except MemoryError as error:
        # The parser's own stack, not the run's memory; the host would take it for its limit.
        if "stack overflowed" in str(error):
            raise SyntaxError("the source is nested too deeply") from None
        raise


def entry_point(module: types.ModuleType, name: str) -> Callable[..., Any]:
    """The function of that name. Raises `MissingFunction` with the names of those that are there."""
    found = module.__dict__.get(name)
    if callable(found) and found is not NAMES.get(name):
        return cast(Callable[..., Any], found)
    others = [key for key, value in module.__dict__.items() if inspect.isfunction(value) and not key.startswith("_")]
    there = f"it has {', '.join(others)}" if others else "it defines no function"
    if name in module.__dict__:
        raise MissingFunction(f"{name!r} is of type {type(found).__name__}, no function; {there}")
    raise MissingFunction(f"the source has no function {name!r}; {there}")
