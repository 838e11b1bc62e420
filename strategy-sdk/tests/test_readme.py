"""The README's list of the standard library is what the runtime imports."""

from __future__ import annotations

import re
from pathlib import Path

from shim import stdlib


def test_the_list_is_the_runtimes() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    section = readme.split("## Standard library")[1].split("What differs")[0]
    assert re.findall(r"`([\w.]+)`", section) == stdlib.PUBLIC
