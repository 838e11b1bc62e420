"""itertools"""

import itertools as it
import operator
import sys


def test_chains_and_slices():
    assert list(it.chain("ab", [1])) == ["a", "b", 1] == list(it.chain.from_iterable(["ab", [1]]))
    assert list(it.islice(it.count(10, 5), 2, 8, 3)) == [20, 35]
    assert list(it.islice(it.cycle("ab"), 5)) == list("ababa") and list(it.repeat("x", 2)) == ["x", "x"]


def test_running_totals():
    assert list(it.accumulate([1, 2, 3])) == [1, 3, 6]
    assert list(it.accumulate([3, 1, 4], max, initial=2)) == [2, 3, 3, 4]
    assert list(it.accumulate([1, 2, 3], operator.mul)) == [1, 2, 6]


def test_choices_and_orders():
    assert list(it.combinations("abc", 2)) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert len(list(it.permutations(range(4)))) == 24
    assert list(it.product("ab", repeat=2)) == [("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]
    assert list(it.combinations_with_replacement([1, 2], 2)) == [(1, 1), (1, 2), (2, 2)]


def test_filters():
    assert list(it.takewhile(lambda n: n < 3, [1, 2, 3, 1])) == [1, 2]
    assert list(it.dropwhile(lambda n: n < 3, [1, 2, 3, 1])) == [3, 1]
    assert list(it.filterfalse(bool, [0, 1, "", "a"])) == [0, ""]
    assert list(it.compress("abc", [1, 0, True])) == ["a", "c"]


def test_grouping():
    stages = [("call", 1), ("call", 2), ("mail", 3), ("call", 4)]
    groups = [(key, [n for _, n in group]) for key, group in it.groupby(stages, key=operator.itemgetter(0))]
    assert groups == [("call", [1, 2]), ("mail", [3]), ("call", [4])]


def test_side_by_side():
    assert list(it.pairwise([1, 2, 3])) == [(1, 2), (2, 3)]
    assert list(it.zip_longest("ab", [1], fillvalue=0)) == [("a", 1), ("b", 0)]
    assert list(it.starmap(pow, [(2, 3), (3, 2)])) == [8, 9]
    first, second = it.tee(iter([1, 2]))
    assert (list(first), list(second)) == ([1, 2], [1, 2])


def test_batches():
    if sys.version_info >= (3, 12):
        assert list(it.batched("abcde", 2)) == [("a", "b"), ("c", "d"), ("e",)]
    if sys.version_info >= (3, 13):
        try:
            list(it.batched("abc", 2, strict=True))
        except ValueError as error:
            assert str(error) == "batched(): incomplete batch"
        else:
            raise AssertionError("the last batch is incomplete")
