"""What an import that cannot work says."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

from shim.stubs import NO_FILES, NO_PROCESSES, NO_SOCKETS

_USE_HTTP = "use `from stratagem import http` (get, post, request)"
_USE_HOST_TLS = "the host speaks TLS: use `from stratagem import http`"
_NATIVE = "it needs native code, which the sandbox does not run"
_HINTS = {
    "requests": _USE_HTTP,
    "httpx": _USE_HTTP,
    "aiohttp": _USE_HTTP,
    "urllib3": _USE_HTTP,
    "http": _USE_HTTP,
    "smtplib": "plan a communication onto an e-mail stage",
    "numpy": f"{_NATIVE}; math, statistics and decimal are there",
    "pandas": _NATIVE,
    "ctypes": _NATIVE,
    "pydantic": f"{_NATIVE}; dataclasses are there",
    "pytz": "use zoneinfo.ZoneInfo(name)",
    "dateutil": "use datetime, timedelta and zoneinfo",
    "ssl": _USE_HOST_TLS,
    "multiprocessing": NO_PROCESSES,
    "sqlite3": NO_FILES,
}


class LastFinder:
    """Asked when nobody else knows a module. Its answer is always a `ModuleNotFoundError` with the module's name."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        top = name.partition(".")[0]
        if top in _HINTS:
            raise ModuleNotFoundError(f"No module named {name!r} in the strategy runtime: {_HINTS[top]}", name=name)
        if top in sys.stdlib_module_names:
            raise ModuleNotFoundError(
                f"No module named {name!r}: this part of the standard library is not in the strategy runtime", name=name
            )


class BuildFinder:
    """Asked last while a compiled strategy is built: then there are files, of the standard library and of packages."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        found = PathFinder.find_spec(name, path, target)
        if found is None:
            LastFinder.find_spec(name, path, target)
        return found


def install_for_build(except_from: Collection[str]) -> None:
    """Until `install`, modules are found in files too, but not in these folders of `sys.path`."""
    sys.path[:] = [folder for folder in sys.path if folder not in except_from]
    _replace_file_search(BuildFinder)


def install() -> None:
    """Ends the search for files."""
    _replace_file_search(LastFinder)
    sys.path.clear()
    sys.path_importer_cache.clear()


def _replace_file_search(finder: Any) -> None:
    sys.meta_path[:] = [one for one in sys.meta_path if one not in (PathFinder, BuildFinder)]
    sys.meta_path.append(finder)


def loaded(*packages: str) -> tuple[str, ...]:
    """Names of the modules that are loaded of these packages."""
    return tuple(name for name in sys.modules if name.partition(".")[0] in packages)


def hide(modules: Iterable[str]) -> None:
    """Takes modules out of a strategy's sight. Who holds them already goes on as before."""
    for name in modules:
        sys.modules.pop(name, None)


@contextmanager
def hidden(modules: Iterable[str]) -> Iterator[None]:
    """Modules are out of sight meanwhile, so that a strategy's own may have their names."""
    before = {name: sys.modules[name] for name in modules}
    hide(before)
    try:
        yield
    finally:
        sys.modules.update(before)
