"""graphlib"""

from graphlib import CycleError, TopologicalSorter


def test_an_order():
    steps = {"remind": {"welcome"}, "visit": {"remind", "call"}, "call": {"welcome"}}
    order = list(TopologicalSorter(steps).static_order())
    assert order[0] == "welcome" and order[-1] == "visit" and len(order) == 4


def test_what_can_be_done_at_once():
    sorter = TopologicalSorter({"c": ["a", "b"]})
    sorter.add("d", "c")
    sorter.prepare()
    rounds = []
    while sorter.is_active():
        ready = sorter.get_ready()
        rounds.append(sorted(ready))
        sorter.done(*ready)
    assert rounds == [["a", "b"], ["c"], ["d"]]


def test_circles():
    try:
        list(TopologicalSorter({"a": ["b"], "b": ["a"]}).static_order())
    except CycleError as error:
        assert sorted(set(error.args[1])) == ["a", "b"] and isinstance(error, ValueError)
    else:
        raise AssertionError("there is a circle")
