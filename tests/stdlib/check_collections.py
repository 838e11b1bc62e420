"""collections"""

import collections
import pickle
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, defaultdict, deque, namedtuple

Point = namedtuple("Point", "x y", defaults=[0])


def test_counter():
    words = Counter("pay now or pay later pay".split())
    assert words.most_common(1) == [("pay", 3)] and words["never"] == 0 and words.total() == 6
    assert Counter(a=3, b=1) - Counter(a=1, b=2) == Counter(a=2) and Counter("aab") & Counter("ab") == Counter("ab")
    words.subtract(["pay"])
    assert words["pay"] == 2 and sorted(Counter(a=2).elements()) == ["a", "a"]


def test_defaultdict():
    groups = defaultdict(list)
    for channel, name in [("mail", "a"), ("call", "b"), ("mail", "c")]:
        groups[channel].append(name)
    assert groups == {"mail": ["a", "c"], "call": ["b"]} and "sms" not in groups and groups.get("sms") is None


def test_deque():
    last = deque([1, 2, 3], maxlen=3)
    last.append(4)
    assert list(last) == [2, 3, 4]
    last.rotate(1)
    last.appendleft(9)
    assert list(last) == [9, 4, 2] and last.popleft() == 9 and last.index(2) == 1


def test_namedtuple():
    point = Point(3)
    assert point == (3, 0) and point.x == 3 and point._asdict() == {"x": 3, "y": 0}
    assert point._replace(y=5) == Point(3, 5) and Point._fields == ("x", "y") and repr(point) == "Point(x=3, y=0)"
    assert Point._make([1, 2]) == Point(1, 2) and pickle.loads(pickle.dumps(point)) == point
    assert namedtuple("Odd", "class ok ok", rename=True)._fields == ("_0", "ok", "_2")


def test_ordered_dict():
    order = OrderedDict(a=1, b=2, c=3)
    order.move_to_end("a")
    assert list(order) == ["b", "c", "a"] and order.popitem(last=False) == ("b", 2)
    assert OrderedDict(a=1, b=2) != OrderedDict(b=2, a=1) and OrderedDict(a=1, b=2) == dict(b=2, a=1)


def test_chain_map():
    settings = ChainMap({"tone": "firm"}, {"tone": "kind", "pause": 3})
    assert settings["tone"] == "firm" and settings["pause"] == 3 and settings.parents["tone"] == "kind"
    settings["pause"] = 5
    assert settings.maps[0] == {"tone": "firm", "pause": 5} and settings.new_child({"a": 1})["pause"] == 5


def test_bases_for_ones_own():
    class Lower(UserDict):
        def __setitem__(self, key, value):
            super().__setitem__(key.lower(), value)

    assert Lower(Name="Jane") == {"name": "Jane"}
    assert UserList([1, 2]) + [3] == [1, 2, 3] and UserString("ab").upper() == "AB"


def test_the_old_abc_names_are_gone():
    assert not hasattr(collections, "Mapping") and collections.abc.Mapping
