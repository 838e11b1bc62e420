"""threading: locks and locals. There is one thread."""

import sys
import threading

IN_SANDBOX = sys.platform == "wasi"


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_locks():
    lock = threading.Lock()
    with lock:
        assert lock.locked() and not lock.acquire(blocking=False)
    assert lock.acquire() and lock.locked()
    lock.release()
    raised(RuntimeError, lock.release)
    again = threading.RLock()
    with again, again:
        assert again.acquire(blocking=False)
        again.release()


def test_locals():
    local = threading.local()
    local.name = "Jane"
    assert local.name == "Jane" and local.__dict__ == {"name": "Jane"}

    class Counted(threading.local):
        n = 0

        def __init__(self):
            self.n += 1

    assert Counted().n == 1


def test_the_others():
    event, gate, condition = threading.Event(), threading.BoundedSemaphore(1), threading.Condition()
    event.set()
    assert event.is_set() and event.wait() and gate.acquire(blocking=False) and not gate.acquire(blocking=False)
    gate.release()
    raised(ValueError, gate.release)
    with condition:
        condition.notify_all()
        assert condition.wait_for(lambda: True)


def test_the_one_thread():
    assert threading.current_thread() is threading.main_thread() and threading.main_thread().name == "MainThread"
    assert threading.get_ident() == threading.main_thread().ident and threading.main_thread().is_alive()


if IN_SANDBOX:

    def test_no_other_can_be_started():
        for thread in (threading.Thread(target=print), threading.Timer(1, print)):
            assert "a strategy runs on one thread" in str(raised(RuntimeError, thread.start))
        assert threading.active_count() == 1

    # FINDING: what only another thread could end (Event().wait(), a Lock taken twice, Semaphore(0).acquire()) aborts
    # the whole run: "Trap: the Python process aborted". It cannot be caught, so the test stands aside.
    #
    # def test_waiting_for_another_thread_is_an_error():
    #     raised(RuntimeError, threading.Event().wait)
