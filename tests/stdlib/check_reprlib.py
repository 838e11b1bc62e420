"""reprlib"""

import reprlib


def test_long_things_are_cut():
    assert reprlib.repr(list(range(100))) == "[0, 1, 2, 3, 4, 5, ...]"
    assert reprlib.repr("x" * 100) == "'xxxxxxxxxxxx...xxxxxxxxxxxxx'" and reprlib.repr({1, 2}) == "{1, 2}"


def test_ones_own_limits():
    short = reprlib.Repr()
    short.maxlist, short.maxstring = 2, 10
    assert short.repr([1, 2, 3]) == "[1, 2, ...]" and short.repr("abcdefghijkl") == "'ab...jkl'"


def test_circles():
    class Tree:
        @reprlib.recursive_repr()
        def __repr__(self):
            return f"<{self!r}>"

    assert repr(Tree()) == "<...>"
