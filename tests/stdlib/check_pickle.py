"""pickle"""

import io
import pickle
import threading
from collections import OrderedDict
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction


class Offer:
    def __init__(self, amount):
        self.amount = amount
        self.cache = {}

    def __getstate__(self):
        return {"amount": self.amount}

    def __setstate__(self, state):
        self.__init__(state["amount"])

    def __eq__(self, other):
        return self.amount == other.amount


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_there_and_back_by_every_protocol():
    values = [
        None, True, 2**70, 1.5, "Zoë", b"\0", [1, [2]], (1,), {"a": {1, 2}}, frozenset([3]), Decimal("1.50"), Fraction(1, 3),
        datetime(2026, 3, 10, tzinfo=timezone.utc), timedelta(days=1), OrderedDict(a=1), Offer(5), len, ValueError, range(3), 1j,
    ]  # fmt: skip
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(values, protocol)) == values, protocol
    assert pickle.HIGHEST_PROTOCOL == 5


def test_circles_and_shared_parts():
    circle = []
    circle.append(circle)
    again = pickle.loads(pickle.dumps(circle))
    assert again[0] is again
    shared = [1]
    first, second = pickle.loads(pickle.dumps((shared, shared)))
    assert first is second


def test_known_bytes():
    assert pickle.loads(b"\x80\x04K\x07.") == 7 and pickle.dumps({"a": 1}, 0) == b"(dp0\nVa\np1\nI1\ns."


def test_streams_and_persistent_ids():
    stream = io.BytesIO()
    pickle.dump([1], stream)
    pickle.dump("two", stream)
    stream.seek(0)
    assert pickle.load(stream) == [1] and pickle.load(stream) == "two"
    raised(EOFError, pickle.load, stream)

    class Restricted(pickle.Unpickler):
        def find_class(self, module, name):
            raise pickle.UnpicklingError(f"{module}.{name} is forbidden")

    assert "is forbidden" in str(raised(pickle.UnpicklingError, Restricted(io.BytesIO(pickle.dumps(Decimal(1)))).load))


def test_out_of_band_buffers():
    buffers = []
    data = pickle.dumps(pickle.PickleBuffer(bytearray(b"big")), protocol=5, buffer_callback=buffers.append)
    assert bytes(pickle.loads(data, buffers=buffers)) == b"big"


def test_what_cannot_be_pickled():
    for value in (lambda: 1, (n for n in "a"), threading.Lock()):
        raised((pickle.PicklingError, TypeError, AttributeError), pickle.dumps, value)
    raised(pickle.UnpicklingError, pickle.loads, b"not a pickle")
