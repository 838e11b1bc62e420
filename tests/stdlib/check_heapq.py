"""heapq"""

import heapq
import sys


def test_the_smallest_first():
    heap = [5, 1, 4]
    heapq.heapify(heap)
    heapq.heappush(heap, 0)
    assert [heapq.heappop(heap) for _ in range(4)] == [0, 1, 4, 5]
    heap = [(2, "call"), (1, "mail")]
    heapq.heapify(heap)
    assert heapq.heapreplace(heap, (3, "wait")) == (1, "mail") and heapq.heappushpop(heap, (0, "now")) == (0, "now")


def test_the_first_few():
    rows = [{"n": 3}, {"n": 1}, {"n": 2}]
    assert heapq.nsmallest(2, rows, key=lambda row: row["n"]) == [{"n": 1}, {"n": 2}]
    assert heapq.nlargest(2, [3, 1, 2]) == [3, 2] and heapq.nlargest(0, [1]) == []


def test_merging():
    assert list(heapq.merge([1, 4], [2, 3])) == [1, 2, 3, 4]
    assert list(heapq.merge([4, 1], [3, 2], reverse=True)) == [4, 3, 2, 1]


def test_an_empty_heap():
    try:
        heapq.heappop([])
    except IndexError:
        return
    raise AssertionError("there is nothing to take")


def test_the_largest_first():
    if sys.version_info >= (3, 14):
        heap = [5, 1, 4]
        heapq.heapify_max(heap)
        heapq.heappush_max(heap, 9)
        assert [heapq.heappop_max(heap) for _ in range(4)] == [9, 5, 4, 1]
