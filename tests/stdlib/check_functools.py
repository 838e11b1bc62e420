"""functools"""

import functools
import sys
from datetime import date, datetime


def test_caches():
    calls = []

    @functools.lru_cache(maxsize=2)
    def double(n):
        calls.append(n)
        return 2 * n

    assert [double(n) for n in (1, 2, 1, 3, 2)] == [2, 4, 2, 6, 4]
    assert calls == [1, 2, 3, 2] and double.cache_info() == (1, 4, 2, 2)
    double.cache_clear()
    assert double.cache_info().currsize == 0 and double.__wrapped__(5) == 10

    @functools.cache
    def fibonacci(n):
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    assert fibonacci(80) == 23416728348467685


def test_a_property_that_is_computed_once():
    class Debt:
        computed = 0

        @functools.cached_property
        def total(self):
            self.computed += 1
            return 12

    debt = Debt()
    assert debt.total + debt.total == 24 and debt.computed == 1 and debt.__dict__["total"] == 12
    del debt.total
    assert debt.total == 12 and debt.computed == 2


def test_partial():
    base_two = functools.partial(int, base=2)
    assert base_two("101") == 5 and base_two.keywords == {"base": 2}
    assert functools.partial(pow, 2)(10) == 1024
    if sys.version_info >= (3, 14):
        cube = functools.partial(pow, functools.Placeholder, 3)
        assert cube(2) == 8

    class Channel:
        def send(self, text, urgent):
            return f"{text}{'!' if urgent else ''}"

        shout = functools.partialmethod(send, urgent=True)

    assert Channel().shout("pay") == "pay!"


def test_reduce():
    assert functools.reduce(lambda a, b: a * b, [1, 2, 3, 4]) == 24
    assert functools.reduce(lambda a, b: a + [b], "ab", []) == ["a", "b"]
    if sys.version_info >= (3, 14):
        assert functools.reduce(lambda a, b: a + b, [], initial=5) == 5


def test_dispatch_by_type():
    @functools.singledispatch
    def show(value):
        return "something"

    @show.register
    def _(value: date):
        return "a day"

    @show.register(int)
    @show.register(float)
    def _(value):
        return "a number"

    assert [show(v) for v in ("x", 3, 2.5, date(2026, 1, 1), datetime.now())] == \
        ["something", "a number", "a number", "a day", "a day"]  # fmt: skip
    assert show.dispatch(bool)(True) == "a number"

    class Teller:
        @functools.singledispatchmethod
        def tell(self, value):
            return "?"

        @tell.register
        def _(self, value: str):
            return value.upper()

    assert Teller().tell("a") == "A" and Teller().tell(1) == "?"


def test_orders():
    @functools.total_ordering
    class Priority:
        def __init__(self, level):
            self.level = level

        def __eq__(self, other):
            return self.level == other.level

        def __lt__(self, other):
            return self.level < other.level

    assert Priority(2) >= Priority(1) and Priority(1) <= Priority(1) and not Priority(1) > Priority(2)
    by_length = functools.cmp_to_key(lambda a, b: len(a) - len(b))
    assert sorted(["ccc", "a", "bb"], key=by_length) == ["a", "bb", "ccc"]


def test_wraps():
    def logged(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(*args)

        return wrapper

    @logged
    def plan(contact):
        """Plans."""

    assert (plan.__name__, plan.__doc__) == ("plan", "Plans.") and plan.__wrapped__ is not plan
