"""queue: within one thread."""

import queue
import sys


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_orders():
    for kind, order in (
        (queue.Queue, [2, 1, 3]),
        (queue.LifoQueue, [3, 1, 2]),
        (queue.PriorityQueue, [1, 2, 3]),
        (queue.SimpleQueue, [2, 1, 3]),
    ):
        line = kind()
        for item in (2, 1, 3):
            line.put(item)
        assert line.qsize() == 3 and [line.get() for _ in range(3)] == order and line.empty(), kind


def test_full_and_empty():
    line = queue.Queue(maxsize=1)
    raised(queue.Empty, line.get_nowait)
    line.put("a")
    assert line.full()
    raised(queue.Full, line.put, "b", block=False)
    assert line.get(block=False) == "a"
    line.task_done()
    line.join()
    raised(ValueError, line.task_done)


def test_an_end():
    if sys.version_info >= (3, 13):
        line = queue.Queue()
        line.put(1)
        line.shutdown()
        assert line.get() == 1
        raised(queue.ShutDown, line.get)
        raised(queue.ShutDown, line.put, 2)


# FINDING: in the sandbox a get() that nothing can end spins, with a time limit, until the run's fuel is used up (the
# monotonic clock stands still) and aborts the whole run without one. Neither can be caught, so the test stands aside.
#
# def test_waiting_for_nobody_is_an_error():
#     raised((queue.Empty, RuntimeError), queue.Queue().get, timeout=0.01)
