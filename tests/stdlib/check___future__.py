"""__future__"""

from __future__ import annotations, division

import __future__


def plan(contact: Undefined) -> None: ...  # noqa: F821


def test_features():
    assert __future__.annotations.compiler_flag == 0x1000000 and __future__.division.getMandatoryRelease()[:2] == (3, 0)
    assert "annotations" in __future__.all_feature_names
    assert __future__.generator_stop.getOptionalRelease()[:2] == (3, 5)


def test_annotations_stay_text():
    assert plan.__annotations__ == {"contact": "Undefined", "return": "None"}


def test_flags_for_compile():
    names = {}
    exec(compile("def f(x: int): ...", "rule", "exec", __future__.annotations.compiler_flag, dont_inherit=True), names)
    assert names["f"].__annotations__ == {"x": "int"}
