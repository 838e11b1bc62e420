"""operator"""

import operator as op
import sys
from types import SimpleNamespace


def test_getters():
    row = {"name": "Jane", "debts": [5, 7]}
    assert op.itemgetter("name")(row) == "Jane" and op.itemgetter(0, -1)("abc") == ("a", "c")
    assert op.itemgetter(slice(1, None))([1, 2, 3]) == [2, 3]
    contact = SimpleNamespace(stage=SimpleNamespace(name="call"))
    assert op.attrgetter("stage.name")(contact) == "call" and op.methodcaller("split", ",")("a,b") == ["a", "b"]
    assert sorted([{"n": 2}, {"n": 1}], key=op.itemgetter("n")) == [{"n": 1}, {"n": 2}]


def test_operators_as_functions():
    assert [f(7, 2) for f in (op.add, op.sub, op.mul, op.truediv, op.floordiv, op.mod)] == [9, 5, 14, 3.5, 3, 1]
    assert op.pow(2, 5) == 32 and op.neg(3) == -3 and op.and_(6, 3) == 2 and op.xor(6, 3) == 5 and op.invert(0) == -1
    assert op.lt(1, 2) and op.ge(2, 2) and op.not_([]) and op.truth([0]) and op.is_(None, None)
    assert op.contains([1, 2], 2) and op.countOf("banana", "a") == 3 and op.indexOf("abc", "c") == 2
    assert op.concat([1], [2]) == [1, 2] and op.index(True) == 1 and op.length_hint(iter([1, 2])) == 2


def test_in_place():
    items = [1]
    assert op.iadd(items, [2]) is items == [1, 2]
    op.setitem(items, 0, 9)
    op.delitem(items, 1)
    assert items == [9] and op.call(int, "5") == 5


def test_newer_functions():
    if sys.version_info >= (3, 14):
        assert op.is_none(None) and op.is_not_none(0)
