"""gc"""

import gc


class Node:
    pass


def test_circles_are_collected():
    gc.collect()
    for _ in range(5):
        node = Node()
        node.self = node
    del node
    assert gc.collect() >= 5


def test_switches():
    assert gc.isenabled()
    gc.disable()
    assert not gc.isenabled()
    gc.enable()
    assert len(gc.get_threshold()) == 3 and len(gc.get_stats()) == 3 and len(gc.get_count()) == 3


def test_looking_at_objects():
    row, rows = [1], []
    rows.append(row)
    assert rows in gc.get_referrers(row) and row in gc.get_referents(rows)
    assert gc.is_tracked([]) and not gc.is_tracked(5) and gc.garbage == []
