"""`python -m stratagem build`, up to where componentize-py takes over."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any, NoReturn

import pytest
from shim.hooks import HOOKS

from stratagem.__main__ import main
from stratagem._build import DEFAULT_FUNCTIONS, component, tools
from stratagem._build.errors import BuildError
from stratagem._build.modules import collect

SDK = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tenant's folder with a strategy in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "strategy.py").write_text("def run(contact): return contact")
    return tmp_path


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def test_modules_are_found_by_their_imports(folder: Path) -> None:
    write(
        folder,
        {
            "strategy.py": "import json, rules\nfrom pricing.fees import a\ndef run(c): import late",
            "rules.py": "import strategy",
            "late.py": "from pricing import table",
            "pricing/__init__.py": "",
            "pricing/fees.py": "from . import base\nfrom .deep.er import x\nfrom .. import nothing",
            "pricing/base.py": "",
            "pricing/table.py": "",
            "pricing/deep/er.py": "from ..base import y\nimport no.such.module",
            "unused.py": "",
            "pricing/unused.py": "",
        },
    )
    assert sorted(collect(folder / "strategy.py")) == [
        "late.py", "pricing/__init__.py", "pricing/base.py", "pricing/deep/er.py", "pricing/fees.py", "pricing/table.py",
        "rules.py", "strategy.py",
    ]  # fmt: skip
    assert next(iter(collect(folder / "strategy.py"))) == "strategy.py"


def test_what_this_python_cannot_read_is_left_to_the_components(folder: Path) -> None:
    write(folder, {"strategy.py": "def run(c) return c"})
    assert collect(folder / "strategy.py") == {"strategy.py": "def run(c) return c"}


def test_a_byte_order_mark_is_no_text(folder: Path) -> None:
    (folder / "strategy.py").write_bytes(b"\xef\xbb\xbfx = 1\r\n")
    assert collect(folder / "strategy.py") == {"strategy.py": "x = 1\n"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "strategy.py"], "the following arguments are required: --type"),
        (["build", "strategy.py", "--type", "dataload"], "'dataload' is no type of strategy: data_load, aggregation, "),
        (["build", "--type", "data_load"], "the following arguments are required: STRATEGY.py"),
        ([], "COMMAND"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.py"], "nowhere.py cannot be read: No such file or directory"),
        (["latin.py"], "latin.py is no UTF-8 text: invalid continuation byte at byte 2"),
        (["strategy.py", "--packages", "nowhere"], "--packages nowhere: there is no such folder"),
        (["strategy.py", "-o", "nowhere/x.wasm"], "nowhere/x.wasm: there is no such folder to put it in"),
    ],
)
def test_what_cannot_be_read_is_named(
    folder: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "latin.py").write_bytes(b"# \xe4 ")
    assert main(["build", *arguments, "--type", "data_load"]) == 1
    assert capsys.readouterr().err == f"stratagem build: {message}\n"


def missing(name: str) -> NoReturn:
    raise PackageNotFoundError(name)


def test_missing_tools_are_named_with_the_way_to_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tools, "version", missing)
    assert main(["build", "strategy.py", "--type", "data_load"]) == 1
    assert "componentize-py is not installed: pip install componentize-py==0.25.1" in capsys.readouterr().err
    monkeypatch.setattr(tools, "version", lambda name: "0.24.0")
    assert main(["build", "strategy.py", "--type", "data_load"]) == 1
    assert "componentize-py 0.24.0 is installed, and this SDK needs 0.25.1" in capsys.readouterr().err
    monkeypatch.setattr(tools, "version", lambda name: tools.COMPONENTIZE_PY)
    monkeypatch.setattr(tools, "find_spec", lambda name: None)
    assert main(["build", "strategy.py", "--type", "data_load"]) == 1
    assert "pip install tzdata" in capsys.readouterr().err


class Tool:
    """Stands in for componentize-py: writes the report that it is given, and a component where it succeeds."""

    def __init__(self, report: Any, status: int = 0) -> None:
        self.report, self.status = report, status
        self.strategy: Any = None

    def __call__(self, plan: component.Plan, sources: Path, out: Path) -> subprocess.CompletedProcess[str]:
        self.strategy = json.loads((sources / "strategy.json").read_text())
        there = {path.name for path in sources.iterdir()}
        assert there == {"component_app.py", "shim", "stratagem", "strategy.json", "tzdata"}
        assert not (sources / "stratagem" / "_build").exists()
        if self.report is not None:
            (sources / "report.json").write_text(json.dumps(self.report))
        if self.status == 0:
            out.write_bytes(b"\0asm")
        return subprocess.CompletedProcess([], self.status, "the tool's own words")


def test_a_component_is_put_in_its_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = Tool({"failure": None, "log": [["print", "printed"], ["info", "logged"]]})
    monkeypatch.setattr(component, "_componentize", tool)
    assert main(["build", "strategy.py", "--type", "answer-analysis"]) == 0
    told = capsys.readouterr()
    assert told.err == "printed\ninfo: logged\n"
    assert told.out.startswith("strategy.wasm: answer_analysis, on_agent_answer of strategy.py; 0.0 MB in ")
    assert sorted(path.name for path in folder.iterdir()) == ["strategy.py", "strategy.wasm"]
    assert tool.strategy == {
        "modules": {"strategy.py": "def run(contact): return contact"}, "entry": "strategy.py",
        "function": "on_agent_answer", "hook": "answer_analysis",
    }  # fmt: skip


FAILURE = {"kind": "ValueError", "message": "x", "traceback": None, "file": None, "line": None, "column": None}


@pytest.mark.parametrize(
    ("report", "message"),
    [
        ({"failure": FAILURE, "log": [["print", "before"]]}, "x"),
        ({"failure": FAILURE | {"file": "a.py", "line": 3}, "log": []}, "a.py, line 3: x"),
        ({"failure": FAILURE | {"traceback": "Traceback\nValueError: x"}, "log": []}, "failed\nTraceback\nValueError: x"),
        ({"failure": FAILURE | {"kind": "ModuleNotFoundError", "traceback": "T"}, "log": []}, "T\nModules are found"),
        (None, r"componentize-py failed \(1\)\nthe tool's own words"),
    ],
)
def test_a_failure_is_told_and_nothing_is_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch, report: Any, message: str
) -> None:
    (folder / "out.wasm").write_text("old")
    monkeypatch.setattr(component, "_componentize", Tool(report, status=1))
    plan = component.Plan(folder / "strategy.py", "data_load", "run")
    with pytest.raises(BuildError, match=message) as caught:
        component.build(plan, folder / "out.wasm")
    assert caught.value.log == (("before",) if report and report["log"] else ())
    assert (folder / "out.wasm").read_text() == "old"


def test_types_are_the_hooks() -> None:
    assert list(DEFAULT_FUNCTIONS) == list(HOOKS)
    for kind in DEFAULT_FUNCTIONS:
        assert (tools.wit() / f"{kind.replace('_', '-')}.wit").is_file()


def test_one_version_of_componentize_py_everywhere() -> None:
    for path in ("requirements.txt", "pyproject.toml", "src/stratagem/__main__.py"):
        assert re.findall(r"componentize-py==([\d.]+)", (SDK / path).read_text()) == [tools.COMPONENTIZE_PY], path
