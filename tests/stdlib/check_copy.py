"""copy"""

import copy
import sys
from collections import namedtuple
from datetime import datetime
from decimal import Decimal


def test_shallow_and_deep():
    contact = {"name": "Jane", "notes": ["a"]}
    shallow, deep = copy.copy(contact), copy.deepcopy(contact)
    contact["notes"].append("b")
    assert shallow["notes"] == ["a", "b"] and deep == {"name": "Jane", "notes": ["a"]}


def test_what_cannot_change_is_shared():
    for value in (1, "a", (1, "b"), len, datetime):
        assert copy.deepcopy(value) is value, value
    assert copy.deepcopy(Decimal("1.5")) == Decimal("1.5")
    assert copy.deepcopy(datetime(2026, 1, 1)) == datetime(2026, 1, 1)


def test_circles_and_shared_parts():
    circle = [1]
    circle.append(circle)
    twin = copy.deepcopy(circle)
    assert twin[1] is twin and twin is not circle
    shared = []
    first, second = copy.deepcopy([shared, shared])
    assert first is second is not shared


def test_ones_own_way():
    class Counted:
        copies = 0

        def __deepcopy__(self, memo):
            Counted.copies += 1
            return self

    one = Counted()
    assert copy.deepcopy([one])[0] is one and Counted.copies == 1


def test_objects():
    class Node:
        def __init__(self):
            self.children = []

    node = Node()
    assert copy.copy(node).children is node.children and copy.deepcopy(node).children is not node.children
    try:
        copy.deepcopy(n for n in "ab")
    except TypeError as error:
        assert str(error) == "cannot pickle 'generator' object"
    else:
        raise AssertionError("generators cannot be copied")


def test_replacing_fields():
    if sys.version_info >= (3, 13):
        Point = namedtuple("Point", "x y")
        assert copy.replace(Point(1, 2), y=3) == Point(1, 3)
        assert copy.replace(datetime(2026, 1, 1), month=5) == datetime(2026, 5, 1)
