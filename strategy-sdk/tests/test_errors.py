from __future__ import annotations

from typing import Any

import pytest
from conftest import Run
from shim.errors import MAX_TEXT, Failure, clean, describe


def failure_of(run: Run, source: str, **options: Any) -> Failure:
    with pytest.raises(BaseException) as caught:
        run(source, **options)
    return describe(caught.value)


def test_only_the_tenants_lines_are_shown(run: Run) -> None:
    failure = failure_of(run, "import json\ndef run(c, e, logger):\n    ä = json.loads('{')\n")
    assert failure.kind == "JSONDecodeError"
    assert (failure.line, failure.column) == (3, 9)
    assert failure.traceback is not None
    assert failure.traceback.count('File "') == 1
    assert 'File "strategy.py", line 3, in run' in failure.traceback
    assert "json.loads('{')" in failure.traceback


def test_a_syntax_error_has_line_and_column(run: Run) -> None:
    failure = failure_of(run, "x = 1\ndef run(c, e, logger) return c\n")
    assert (failure.kind, failure.message, failure.line, failure.column) == ("SyntaxError", "expected ':'", 2, 23)
    assert failure.traceback is not None and "def run(c, e, logger) return c" in failure.traceback


def test_an_error_of_the_top_level_has_its_line(run: Run) -> None:
    failure = failure_of(run, "x = 1\ny = unknown\n")
    assert (failure.kind, failure.line, failure.column) == ("NameError", 2, 5)


def test_an_error_of_the_runtime_has_no_traceback(run: Run) -> None:
    failure = failure_of(run, "def run(c, e, logger): return 5")
    assert (failure.kind, failure.traceback, failure.line) == ("InvalidResult", None, None)


def test_causes_are_shown(run: Run) -> None:
    source = "def run(c, e, logger):\n    try:\n        1/0\n    except Exception as x:\n        raise ValueError('a') from x\n"
    failure = failure_of(run, source)
    assert failure.traceback is not None
    assert failure.traceback.index("ZeroDivisionError") < failure.traceback.index("direct cause") < failure.traceback.index("ValueError: a")
    assert failure.line == 5


def test_deep_recursion_keeps_first_and_last_frames(run: Run) -> None:
    failure = failure_of(run, "def f(n): return g(n)\ndef g(n): return f(n)\ndef run(c, e, logger):\n    f(1)\n")
    assert failure.kind == "RecursionError"
    assert failure.traceback is not None
    assert failure.traceback.count('File "') == 50
    assert "in run" in failure.traceback


def test_exits_are_failures(run: Run) -> None:
    assert failure_of(run, "import sys\ndef run(c, e, logger):\n    sys.exit(3)").kind == "SystemExit"
    assert failure_of(run, "async def run(c, e, logger):\n    raise KeyboardInterrupt").kind == "KeyboardInterrupt"


HOSTILE = {
    "str raises": "class E(Exception):\n    def __str__(self): raise ValueError",
    "str exits": "class E(Exception):\n    def __str__(self): raise SystemExit",
    "str recurses": "class E(Exception):\n    def __str__(self): return str(self)",
    "str is no text": "class E(Exception):\n    def __str__(self): return 5",
    "str lies": "class S(str):\n    def __len__(self): return 0\n    def encode(self, *a): raise SystemExit\n"
    "class E(Exception):\n    def __str__(self): return S('x' * 100000)",
    "getattribute": "class E(Exception):\n    def __getattribute__(self, name): raise SystemExit",
    "metaclass": "class M(type):\n    __name__ = property(lambda cls: 1/0)\nclass E(Exception, metaclass=M): ...",
    "huge": "class E(Exception):\n    def __str__(self): return 'x' * 10_000_000",
    "surrogate": "class E(Exception):\n    def __str__(self): return '\\ud800'",
    "notes": "class E(Exception):\n    __notes__ = ['x' * 1_000_000] * 5",
    "long name": "E = type('E' * 10_000, (Exception,), {})",
    "cycle": "class E(Exception):\n    def __init__(self): self.__cause__ = self.__context__ = self",
}


@pytest.mark.parametrize("definition", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_exception_can_spoil_its_description(run: Run, definition: str) -> None:
    failure = failure_of(run, f"{definition}\ndef run(c, e, logger):\n    raise E()\n")
    assert failure.kind.startswith("E") and len(failure.kind) <= 256
    assert len(failure.message.encode()) <= MAX_TEXT
    assert failure.traceback is None or len(failure.traceback.encode()) <= MAX_TEXT


def test_replaced_built_ins_cost_the_description_only(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shim.errors.clean", None)
    assert describe(ValueError("x")).kind == "Exception"


@pytest.mark.parametrize("text", ["a" * 9000, "ä" * 9000, "👋" * 9000, "\ud800" * 9000])
def test_cut_text_says_so_and_fits(text: str) -> None:
    cut = clean(text, MAX_TEXT)
    assert cut.endswith("(cut)") and len(cut.encode()) <= MAX_TEXT


def test_text_that_fits_is_left_alone() -> None:
    assert clean("ä" * 4096, MAX_TEXT) == "ä" * 4096
    assert clean("a\ud800", 100) == "a\\ud800"
