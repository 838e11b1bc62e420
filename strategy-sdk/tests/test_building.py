"""What is different while a compiled strategy is built."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from pathlib import Path

import pytest
from shim import building, imports

from stratagem import http


@pytest.fixture
def finders(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import system's lists, to be changed."""
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:])
    monkeypatch.setattr(sys, "path", sys.path[:])


def test_the_log_is_kept_until_there_is_a_host() -> None:
    told: list[tuple[str, str]] = []
    log = building.Log(lambda level, line: told.append((level, line)))
    log.write("info", "early")
    assert (log.lines, told) == ([("info", "early")], [])
    log.pass_on()
    log.write("info", "late")
    assert (log.lines, told) == ([], [("info", "late")])


def test_requests_are_refused_and_say_where_they_belong() -> None:
    with http.Fake({"https://crm.example/7": 200}):
        with building.without_host(), pytest.raises(http.ConnectError, match="crm.example/7: .* in the function"):
            http.get("https://crm.example/7")
        assert http.get("https://crm.example/7").status_code == 200


@pytest.mark.usefixtures("finders")
def test_files_are_searched_only_while_building(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("")
    sys.path[:] = [str(tmp_path), "/hidden"]
    imports.install_for_build(except_from=("/hidden",))
    assert sys.path == [str(tmp_path)]
    assert imports.BuildFinder in sys.meta_path and PathFinder not in sys.meta_path
    assert imports.BuildFinder.find_spec("beside") is not None
    with pytest.raises(ModuleNotFoundError, match="use `from stratagem import http`"):
        imports.BuildFinder.find_spec("requests")
    imports.install()
    assert sys.path == []
    assert imports.LastFinder in sys.meta_path and imports.BuildFinder not in sys.meta_path


def test_hidden_modules_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ours", sys)
    with imports.hidden(["ours"]):
        assert "ours" not in sys.modules
        sys.modules["ours"] = pytest
    assert sys.modules["ours"] is sys
