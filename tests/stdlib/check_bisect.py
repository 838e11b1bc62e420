"""bisect: brackets of amounts or days overdue."""

import bisect


def test_brackets():
    limits, grades = [60, 70, 80, 90], "FDCBA"
    assert "".join(grades[bisect.bisect(limits, score)] for score in (33, 99, 77, 70, 89)) == "FACCB"
    assert bisect.bisect_left([1, 2, 2, 3], 2) == 1 and bisect.bisect_right([1, 2, 2, 3], 2) == 3
    assert bisect.bisect_left([1, 2, 2, 3], 2, lo=2) == 2 and bisect.bisect([], 5) == 0


def test_keeping_order():
    dates = ["2026-01-01", "2026-03-01"]
    bisect.insort(dates, "2026-02-01")
    assert dates == ["2026-01-01", "2026-02-01", "2026-03-01"]
    rows = [("a", 1), ("b", 5)]
    bisect.insort_left(rows, ("c", 3), key=lambda row: row[1])
    assert [name for name, _ in rows] == ["a", "c", "b"] and bisect.bisect(rows, 3, key=lambda row: row[1]) == 2


def test_a_negative_start_is_an_error():
    try:
        bisect.bisect([1], 1, lo=-1)
    except ValueError:
        return
    raise AssertionError("lo must not be negative")
