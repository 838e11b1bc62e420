"""One build: everything is put together in a scratch folder, and componentize-py makes a component of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stratagem
from stratagem._build import modules, tools
from stratagem._build.errors import BuildError

DEFAULT_FUNCTIONS = {"data_load": "run", "aggregation": "run", "answer_analysis": "on_agent_answer"}
"""Types of strategies, and what their functions are called where nothing else is said."""

_APP = "component_app"
_ADVICE = {
    "ModuleNotFoundError": "Modules are found beside the strategy, other packages in the folders that --packages names."
}


@dataclass(frozen=True)
class Plan:
    """What to build."""

    strategy: Path
    kind: str
    """One of `DEFAULT_FUNCTIONS`; the world has the same name, with hyphens."""
    function: str
    packages: tuple[Path, ...] = ()
    """Folders with packages of others."""


@dataclass(frozen=True)
class Built:
    """What came of it."""

    size: int
    """Of the component, in bytes."""
    seconds: float
    modules: tuple[str, ...]
    """Paths of the tenant's modules that are in it."""
    log: tuple[str, ...]
    """What the top level logged and printed."""


def build(plan: Plan, out: Path) -> Built:
    """Builds the component and puts it at `out`, in one step. Raises `BuildError`, and leaves what was there then."""
    started = time.monotonic()
    texts = modules.collect(plan.strategy)
    _check(plan, out)
    tools.check_componentize_py()
    with tempfile.TemporaryDirectory(prefix="stratagem-build-") as scratch:
        sources = _sources(Path(scratch), plan, texts)
        component = Path(scratch) / "component.wasm"
        finished = _componentize(plan, sources, component)
        report = _report(sources)
        log = tuple(_line(*entry) for entry in report["log"]) if report else ()
        if report and report["failure"]:
            raise BuildError(_told(report["failure"]), log)
        if finished.returncode != 0 or report is None:
            raise BuildError(f"componentize-py failed ({finished.returncode})\n{finished.stdout}", log)
        size = component.stat().st_size
        _put(component, out)
    return Built(size, time.monotonic() - started, tuple(texts), log)


def _check(plan: Plan, out: Path) -> None:
    """Says at once what would only come out after seconds."""
    for folder in plan.packages:
        if not folder.is_dir():
            raise BuildError(f"--packages {folder}: there is no such folder")
    if not out.resolve().parent.is_dir():
        raise BuildError(f"{out}: there is no such folder to put it in")


def _sources(scratch: Path, plan: Plan, texts: dict[str, str]) -> Path:
    """Everything that is imported from files while the component is made."""
    sources = scratch / "python"
    nothing = shutil.ignore_patterns("__pycache__", "_build")
    for package in (tools.guest() / "shim", Path(stratagem.__file__).parent, tools.time_zones()):
        shutil.copytree(package, sources / package.name, ignore=nothing)
    shutil.copy(tools.guest() / f"{_APP}.py", sources)
    strategy = {"modules": texts, "entry": plan.strategy.name, "function": plan.function, "hook": plan.kind}
    (sources / "strategy.json").write_text(json.dumps(strategy))
    return sources


def _componentize(plan: Plan, sources: Path, component: Path) -> subprocess.CompletedProcess[str]:
    # The tool adds the packages of a virtual environment, and without one those of any Python that it finds. It is
    # given an empty one: a component has what was asked for, wherever it is built.
    empty = sources.parent / "environment"
    (empty / "lib" / "site-packages").mkdir(parents=True)
    environment = os.environ | {"VIRTUAL_ENV": str(empty), "RUST_BACKTRACE": "0"}
    folders = [str(folder.resolve()) for folder in (sources, *plan.packages)]
    command = [
        # Found however it was installed: its script need not be in the PATH.
        sys.executable, "-P", "-c", "import componentize_py; componentize_py.script()",
        "-d", str(tools.wit()), "-w", plan.kind.replace("_", "-"), "componentize", _APP, "-o", str(component),
        *(word for folder in folders for word in ("-p", folder)),
    ]  # fmt: skip
    return subprocess.run(
        command, env=environment, cwd=sources.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        encoding="utf-8", errors="replace",
    )  # fmt: skip


def _report(sources: Path) -> Any:
    """What `component_app.py` wrote about the strategy; None where it did not come so far."""
    try:
        return json.loads((sources / "report.json").read_text())
    except FileNotFoundError:
        return None


def _told(failure: dict[str, Any]) -> str:
    """The strategy's own failure, with the way to it where there is one."""
    if failure["traceback"]:
        advice = _ADVICE.get(failure["kind"], "")
        return f"the strategy's top level failed\n{failure['traceback']}\n{advice}".rstrip()
    place = ", line ".join(str(failure[part]) for part in ("file", "line") if failure[part] is not None)
    return f"{place}: {failure['message']}" if place else str(failure["message"])


def _line(level: str, message: str) -> str:
    return message if level == "print" else f"{level}: {message}"


def _put(component: Path, out: Path) -> None:
    # Beside its place first: the scratch folder may be on another disk.
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        shutil.copyfile(component, unfinished)
        unfinished.replace(out)
    except OSError as error:
        raise BuildError(f"{out} cannot be written: {error.strerror}") from None
