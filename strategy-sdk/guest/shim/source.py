"""A tenant's modules, and the entry point in one of them."""

from __future__ import annotations

import importlib
import inspect
import linecache
import sys
import types
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta, timezone
from importlib.machinery import ModuleSpec
from typing import Any, cast

from shim.errors import MissingFunction, UnsuitableModule, own_files
from stratagem import Communication, CommunicationStatus, Contact, Message

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

_PACKAGE = "__init__.py"


class TenantFinder:
    """Finds and runs the tenant's modules. What is loaded already, the standard library first of all, goes before it."""

    def __init__(self, modules: dict[str, str], main: str) -> None:
        self._texts = modules
        self._main = main
        self._paths = {module_name(path): path for path in modules}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        found = self._paths.get(name)
        if found is None and not any(other.startswith(f"{name}.") for other in self._paths):
            return None
        # A folder without `__init__.py` is a package all the same, as it is on a disk.
        package = found is None or found.endswith(_PACKAGE)
        spec = ModuleSpec(name, self, origin=found, is_package=package)  # type: ignore[arg-type]
        spec.has_location = found is not None
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """The import system makes the module."""

    def exec_module(self, module: types.ModuleType) -> None:
        path = self._paths.get(module.__name__)
        if path is None:
            return
        if path == self._main:
            module.__dict__.update(NAMES)
        exec(_compile(self._texts[path], path), module.__dict__)

    def get_source(self, name: str) -> str | None:
        path = self._paths.get(name)
        return None if path is None else self._texts[path]


def module_name(path: str) -> str:
    """`pricing/rules.py` is imported as `pricing.rules`, `pricing/__init__.py` as `pricing`."""
    return path.removesuffix(f"/{_PACKAGE}").removesuffix(".py").replace("/", ".")


def execute(modules: dict[str, str], main: str) -> types.ModuleType:
    """Runs the top level of the module at the path `main`, and of those that it imports."""
    own_files(modules)
    for path, text in modules.items():
        # Without a modification time, linecache keeps the entry: tracebacks show the tenant's lines.
        linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
        _check_name(module_name(path), path)
    finder = TenantFinder(modules, main)
    # Before the last finder, which refuses.
    sys.meta_path.insert(-1, finder)
    return importlib.import_module(module_name(main))


def _check_name(name: str, path: str) -> None:
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names or top in ("stratagem", "__main__"):
        whose = "the SDK" if top == "stratagem" else "the standard library"
        raise UnsuitableModule(f"{path}: {top!r} is a module of {whose}, which goes first: choose another name")


def _compile(source: str, path: str) -> types.CodeType:
    try:
        return compile(source, path, "exec", dont_inherit=True)
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
