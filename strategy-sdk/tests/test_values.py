from __future__ import annotations

import enum
import json
import uuid
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from shim.values import MAX_DEPTH, Refused, dumps, encode, loads

from stratagem import CommunicationStatus

ROUND_TRIPS: list[Any] = [
    None, True, 0, -(2**63), 2**64 - 1, 1.5, -0.0, "", "grüß 👋", [], {}, [1, [2, {"a": None}]],
    datetime(2024, 3, 1, 10, 0, 0, 1), datetime(2024, 3, 1, tzinfo=UTC), date(2024, 2, 29), time(23, 59, 59, 999999),
    timedelta(days=-1, microseconds=1), timedelta.max, timedelta(0), Decimal("1.10"), Decimal("-Infinity"), b"\x00\xff",
    {1, 2, "a"}, frozenset(), (1, (2,)), {(1, 2), frozenset({3})}, {1: "a", None: "b", (1, 2): "c"}, {"$": "datetime", "v": 1},
    {"$": {"$": 1}}, {date(2024, 1, 1): [Decimal(1)]},
]  # fmt: skip


@pytest.mark.parametrize("value", ROUND_TRIPS, ids=repr)
def test_what_goes_out_comes_back(value: Any) -> None:
    back = loads(dumps(encode({"x": value})))["x"]
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize(
    ("value", "tagged"),
    [
        (timedelta(seconds=90.5), {"$": "timedelta", "v": "90.5"}),
        (timedelta(seconds=-90), {"$": "timedelta", "v": "-90"}),
        (timedelta(0), {"$": "timedelta", "v": "0"}),
        (b"hi", {"$": "bytes", "v": "aGk="}),
        ({3, 1, 2}, {"$": "set", "v": [1, 2, 3]}),
        ({1: 2}, {"$": "dict", "v": [[1, 2]]}),
    ],
)
def test_tags_are_those_of_the_contract(value: Any, tagged: Any) -> None:
    assert encode(value) == tagged


class Colour(enum.IntEnum):
    RED = 1


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Colour.RED, 1),
        (CommunicationStatus.PLANNED, "planned"),
        (OrderedDict(a=1), {"a": 1}),
        (defaultdict(list, a=[1]), {"a": [1]}),
        (Counter("aa"), {"a": 2}),
        (Point(1, 2), (1, 2)),
        ({CommunicationStatus.PLANNED: 1}, {"planned": 1}),
        (bytearray(b"x"), b"x"),
    ],
)
def test_subclasses_cross_as_their_base(value: Any, plain: Any) -> None:
    assert loads(dumps(encode([value]))) == [plain]


class Opaque: ...


async def coroutine() -> None: ...


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": float("nan")}, "a: nan is no number"),
        ({"a": [1, float("-inf")]}, r"a\[1\]: -inf is no number"),
        ({"a": {"b": "\ud800"}}, r"a\.b: text holds a lone surrogate \('\\ud800'\)"),
        ({"\ud800": 1}, "lone surrogate"),
        ({"a": "x\0"}, "a: text holds a NUL"),
        ({"a": 2**64}, "a: the number has more than 64 bits"),
        ({"a": Opaque()}, "a: a value of type Opaque cannot be stored"),
        ({"a": uuid.UUID(int=1)}, r"use str\(value\)"),
        ({"a": deque()}, r"use list\(value\)"),
        ({"a": {(1, 2): float("nan")}}, r"a\[tuple\]: nan"),
        ({"a": (1, {float("inf")})}, r"a\[1\]\[0\]: inf"),
        (1j, "complex"),
    ],
)
def test_what_cannot_be_stored_is_named_with_its_path(value: Any, message: str) -> None:
    with pytest.raises(Refused, match=message):
        encode(value)


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


def test_depth_is_counted_in_json_levels() -> None:
    assert encode(nested(MAX_DEPTH))
    with pytest.raises(Refused, match="nested deeper than 32 levels"):
        encode(nested(MAX_DEPTH + 1))
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(Refused, match=r"^\[0\]\[0\].*….*\[0\]: nested deeper"):
        encode(cycle)


class Lying(dict[str, Any]):
    def items(self) -> Any:
        raise SystemExit

    def __iter__(self) -> Any:
        raise SystemExit


def test_a_subclass_is_not_asked() -> None:
    assert encode(Lying(a=1)) == {"a": 1}


@pytest.mark.parametrize("text", ['{"$":"datetime","v":"soon"}', '{"$":"set","v":[[]]}', '{"$":"new","v":1}', '{"$":[],"v":1}', '{"$":1}'])
def test_what_only_looks_like_a_tag_stays_as_it_is(text: str) -> None:
    assert loads(text) == json.loads(text)
