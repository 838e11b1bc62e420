"""timeit: no clock moves during a run, so in the sandbox everything takes no time."""

import sys
import timeit

IN_SANDBOX = sys.platform == "wasi"


def test_statements_are_run():
    calls = []
    assert timeit.timeit(lambda: calls.append(1), number=3) >= 0 and calls == [1, 1, 1]
    assert timeit.timeit("x += 1", "x = 0", number=10) >= 0 and len(timeit.repeat("pass", repeat=2, number=1)) == 2
    assert timeit.timeit("found.append(k)", globals={"found": calls, "k": 5}, number=1) >= 0 and calls[-1] == 5


def test_timers():
    ticks = iter(range(0, 100, 7))
    assert timeit.Timer("pass", timer=lambda: next(ticks)).timeit(1) == 7
    assert timeit.default_timer() <= timeit.default_timer()


if IN_SANDBOX:

    def test_everything_takes_no_time():
        assert timeit.timeit("sum(range(1000))", number=10) == 0
