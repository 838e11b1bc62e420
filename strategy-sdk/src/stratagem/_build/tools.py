"""What a build needs beside the strategy: componentize-py, time zones, the guest's part of the SDK, the WIT files."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from stratagem._build.errors import BuildError

COMPONENTIZE_PY = "0.25.1"
"""The guest is written for the CPython that this version brings: 3.14.0."""

_HERE = Path(__file__).resolve().parent


def check_componentize_py() -> None:
    """Raises `BuildError` where componentize-py is missing, or another version than the guest was tested with."""
    advice = f"pip install componentize-py=={COMPONENTIZE_PY}"
    try:
        found = version("componentize-py")
    except PackageNotFoundError:
        raise BuildError(f"componentize-py is not installed: {advice}") from None
    if found != COMPONENTIZE_PY:
        raise BuildError(f"componentize-py {found} is installed, and this SDK needs {COMPONENTIZE_PY}: {advice}")


def time_zones() -> Path:
    """The folder of the package `tzdata`. Raises `BuildError` where it is missing."""
    spec = find_spec("tzdata")
    if spec is None or spec.origin is None:
        raise BuildError("the package tzdata, with the time zones, is not installed: pip install tzdata")
    return Path(spec.origin).parent


def guest() -> Path:
    """The folder of what runs in the component."""
    return _part("guest", _HERE.parents[2])


def wit() -> Path:
    """The folder of the contract."""
    return _part("wit", _HERE.parents[3])


def _part(name: str, repository: Path) -> Path:
    """In an installed SDK both are beside this file; in the repository they have places of their own."""
    for folder in (_HERE / name, repository / name):
        if folder.is_dir():
            return folder
    raise BuildError(f"this installation of the SDK has no folder {name!r}: install it again")
