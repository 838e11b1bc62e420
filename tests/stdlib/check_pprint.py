"""pprint"""

import io
import pprint
import sys
from collections import Counter, OrderedDict, defaultdict
from dataclasses import dataclass


@dataclass
class Offer:
    name: str
    amount: int


def test_what_fits_stays_on_a_line():
    assert pprint.pformat({"b": 1, "a": [2, (3,)]}) == "{'a': [2, (3,)], 'b': 1}"
    assert pprint.pformat({"b": 1, "a": 2}, sort_dicts=False) == "{'b': 1, 'a': 2}"


def test_what_does_not_is_broken():
    assert pprint.pformat(["a" * 10, "b" * 10], width=20) == "['aaaaaaaaaa',\n 'bbbbbbbbbb']"
    assert pprint.pformat({"k": {"x": 1, "y": 2}}, width=15) == "{'k': {'x': 1,\n       'y': 2}}"
    assert pprint.pformat("one two three", width=10) == "('one '\n 'two '\n 'three')"
    assert pprint.pformat([[[[1]]]], depth=2) == "[[[...]]]"
    assert pprint.pformat([1, 2], indent=3, width=4) == "[  1,\n   2]"
    assert pprint.pformat(list(range(5)), width=9, compact=True) == "[0, 1, 2,\n 3, 4]"


def test_other_types():
    assert pprint.pformat(Offer("a", 1)) == "Offer(name='a', amount=1)"
    assert pprint.pformat(Counter("aab")) == "Counter({'a': 2, 'b': 1})" and pprint.pformat({2, 1}) == "{1, 2}"
    assert pprint.pformat(defaultdict(int, a=1)) == "defaultdict(<class 'int'>, {'a': 1})"
    assert pprint.pformat(10_000_000, underscore_numbers=True) == "10_000_000"
    assert "OrderedDict" in pprint.pformat(OrderedDict(a=1))


def test_circles():
    circle = []
    circle.append(circle)
    assert pprint.pformat(circle).startswith("[<Recursion on list with id=") and pprint.isrecursive(circle)
    assert pprint.isreadable([1, "a"]) and pprint.saferepr({"b": 1, "a": 2}) == "{'a': 2, 'b': 1}"


def test_streams():
    stream = io.StringIO()
    pprint.pprint({"a": 1}, stream=stream)
    pprint.pp({"b": 1, "a": 2}, stream)
    assert stream.getvalue() == "{'a': 1}\n{'b': 1, 'a': 2}\n"
    assert sys.stdout is not stream
