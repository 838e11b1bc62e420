"""The tenant's modules: the strategy, and those beside it that it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from stratagem._build.errors import BuildError


def collect(entry: Path) -> dict[str, str]:
    """Texts of the strategy and of all that it imports of its folder, by their paths in it, the strategy's first.

    Read, not run: an import whose name is put together at run time is not seen. Raises `BuildError` for what is no
    text.
    """
    texts: dict[str, str] = {}
    waiting = [entry.name]
    while waiting:
        path = waiting.pop(0)
        if path not in texts:
            texts[path] = _read(entry.parent / path)
            waiting += [found for name in _imported(texts[path], path) for found in _files(entry.parent, name)]
    return texts


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise BuildError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BuildError(f"{path} is no UTF-8 text: {error.reason} at byte {error.start}") from None


def _imported(text: str, path: str) -> Iterator[str]:
    """Names of the modules that a text imports, and of what may be modules in them."""
    try:
        tree = ast.parse(text, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # The Python inside the component is newer than this one may be, and says better what is wrong.
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = Path(path).parts[: -node.level] if node.level else ()
            source = ".".join([*package, *filter(None, [node.module])])
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


def _files(folder: Path, name: str) -> Iterator[str]:
    """Files of a module and of the packages around it, where they are in the folder."""
    parts = [part for part in name.split(".") if part]
    for length in range(1, len(parts) + 1):
        stem = "/".join(parts[:length])
        for candidate in (f"{stem}/__init__.py", f"{stem}.py"):
            if (folder / candidate).is_file():
                yield candidate
                break
