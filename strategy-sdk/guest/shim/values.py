"""Python values as tagged JSON and back (`json` in `wit/types.wit`).

Values that JSON lacks cross as `{"$": kind, "v": ...}`. Everything is checked on the way out: whatever the boundary or the
database would choke on is refused here, with the path to it. Subclasses are read through their base's own methods, so
that a tenant's `__iter__` or `__str__` is never run.
"""

from __future__ import annotations

import base64
import json
import math
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

MAX_DEPTH = 32
_INT_MIN, _INT_MAX = -(2**63), 2**64 - 1
_MICROSECOND = timedelta(microseconds=1)


class Refused(Exception):
    """A value that cannot cross, with the path to it from the inside out."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path: list[str] = []

    def at(self, segment: str) -> Refused:
        """Adds the next step of the path outwards, as `.amount` or `[2]`."""
        self.path.append(segment)
        return self

    def __str__(self) -> str:
        path = self.path[::-1] if len(self.path) <= 12 else [*self.path[:-7:-1], "…", *self.path[2::-1]]
        return f"{''.join(path).removeprefix('.')}: {self.reason}"


class TooLarge(Refused):
    """What is written becomes larger than it may be."""


_allowed = _left = sys.maxsize


def allow(size: int) -> None:
    """What is encoded from now on may have this many bytes. Counted low, in characters and commas: the host counts exactly.

    Writing a megabyte takes a quarter of a run's fuel; without this, large results would end as `FuelExhausted`.
    """
    global _allowed, _left
    _allowed = _left = size


def _spend(size: int) -> None:
    global _left
    _left -= size
    if _left < 0:
        raise TooLarge(f"here the result becomes larger than {_allowed:,} bytes")


# Out -----------------------------------------------------------------------------------------------------------------


def encode(value: Any, depth: int = 0) -> Any:
    """The value as what `json` writes. Raises `Refused`. `depth` is the number of JSON containers around it."""
    cls = type(value)
    encoder = _BY_TYPE.get(cls)
    if encoder is None:
        encoder = next((_BY_TYPE[base] for base in cls.__mro__[1:] if base in _BY_TYPE), _refuse)
    return encoder(value, depth)


def text(value: str) -> str:
    """The text itself. Refuses what databases and UTF-8 cannot hold."""
    value = str.__str__(value)
    _spend(len(value))
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise Refused(f"text holds a lone surrogate ({value[error.start]!a}), which cannot be stored") from None
    if "\0" in value:
        raise Refused("text holds a NUL character, which cannot be stored")
    return value


def _same(value: Any, depth: int) -> Any:
    return value


def _text(value: str, depth: int) -> str:
    return text(value)


def _int(value: int, depth: int) -> int:
    value = int.__int__(value)
    if not _INT_MIN <= value <= _INT_MAX:
        raise Refused("the number has more than 64 bits: keep it as a Decimal or as text")
    return value


def _float(value: float, depth: int) -> float:
    value = float.__float__(value)
    if not math.isfinite(value):
        raise Refused(f"{value} is no number that can be stored")
    return value


def _list(value: list[Any], depth: int) -> list[Any]:
    _spend(2 * list.__len__(value))
    return _items(list.__iter__(value), _deeper(depth))


def _dict(value: dict[Any, Any], depth: int) -> Any:
    inner = _deeper(depth)
    encoded = {}
    for key, item in dict.items(value):
        if type(key) is not str:
            if not isinstance(key, str):
                return _pairs(value, depth)
            key = str.__str__(key)
        if key == "$":
            return _pairs(value, depth)
        try:
            encoded[text(key)] = encode(item, inner)
        except Refused as refused:
            raise refused.at(f".{key[:40]}") from None
    return encoded


def _pairs(value: dict[Any, Any], depth: int) -> Any:
    """A mapping that no JSON object can hold."""
    inner = _deeper(depth, 3)
    pairs = []
    for key, item in dict.items(value):
        try:
            pairs.append([encode(key, inner), encode(item, inner)])
        except Refused as refused:
            raise refused.at(f"[{_name(key)}]") from None
    return {"$": "dict", "v": pairs}


def _tuple(value: tuple[Any, ...], depth: int) -> Any:
    return {"$": "tuple", "v": _items(tuple.__iter__(value), _deeper(depth, 2))}


def _set(value: set[Any], depth: int) -> Any:
    return {"$": "set", "v": _sorted_items(set.__iter__(value), depth)}


def _frozenset(value: frozenset[Any], depth: int) -> Any:
    return {"$": "frozenset", "v": _sorted_items(frozenset.__iter__(value), depth)}


def _items(values: Any, inner: int) -> list[Any]:
    encoded: list[Any] = []
    for item in values:
        try:
            encoded.append(encode(item, inner))
        except Refused as refused:
            raise refused.at(f"[{len(encoded)}]") from None
    return encoded


def _sorted_items(values: Any, depth: int) -> list[Any]:
    # A set's own order changes from build to build; a run and its replay must give the same bytes.
    return sorted(_items(values, _deeper(depth, 2)), key=dumps)


def _tagged(kind: str, write: Callable[[Any], str]) -> Callable[[Any, int], Any]:
    def encoder(value: Any, depth: int) -> Any:
        _deeper(depth)
        return {"$": kind, "v": text(write(value))}

    return encoder


def _seconds(value: timedelta) -> str:
    """Exactly, e.g. `-90.5`: a float would lose microseconds after some 285 years."""
    microseconds = timedelta.__floordiv__(value, _MICROSECOND)
    sign, whole, rest = "-" if microseconds < 0 else "", *divmod(abs(microseconds), 1_000_000)
    return f"{sign}{whole}.{rest:06d}".rstrip("0").rstrip(".")


def _base64(value: bytes | bytearray) -> str:
    return base64.b64encode(value).decode("ascii")


def _deeper(depth: int, levels: int = 1) -> int:
    if depth + levels > MAX_DEPTH:
        raise Refused(f"nested deeper than {MAX_DEPTH} levels")
    return depth + levels


def _refuse(value: Any, depth: int) -> Any:
    hint = _HINTS.get(type(value).__name__, "keep text, numbers, lists, dicts, dates and times")
    raise Refused(f"a value of type {type(value).__name__} cannot be stored: {hint}")


def _name(key: Any) -> str:
    return ascii(key)[:40] if type(key) in (str, int, bool, bytes) else type(key).__name__


_HINTS = {
    "coroutine": "it was not awaited",
    "UUID": "use str(value)",
    "deque": "use list(value)",
    "generator": "use list(value)",
    "dict_keys": "use list(value)",
    "dict_values": "use list(value)",
    "range": "use list(value)",
    "Response": "use response.json()",
}

_BY_TYPE: dict[type, Callable[[Any, int], Any]] = {
    type(None): _same,
    bool: _same,
    str: _text,
    int: _int,
    float: _float,
    list: _list,
    dict: _dict,
    tuple: _tuple,
    set: _set,
    frozenset: _frozenset,
    datetime: _tagged("datetime", datetime.isoformat),
    date: _tagged("date", date.isoformat),
    time: _tagged("time", time.isoformat),
    timedelta: _tagged("timedelta", _seconds),
    Decimal: _tagged("decimal", Decimal.__str__),
    bytes: _tagged("bytes", _base64),
    bytearray: _tagged("bytes", _base64),
}

quoted: Callable[[str], str] = json.encoder.encode_basestring
"""A text as JSON."""


def _refuse_default(value: Any) -> Any:
    raise TypeError(f"{type(value).__name__} is no JSON")


# What `json.JSONEncoder` makes anew for each value, which takes longer than to write a small one.
_write = json.encoder.c_make_encoder(None, _refuse_default, quoted, None, ":", ",", False, False, False)  # type: ignore[attr-defined]
_joined = "".join


def dumps(encoded: Any) -> str:
    """The JSON text of what `encode` gave."""
    return _joined(_write(encoded, 0))


# In ------------------------------------------------------------------------------------------------------------------


def _timedelta(seconds: Any) -> timedelta:
    return int(Decimal(seconds) * 1_000_000) * _MICROSECOND


_READERS: dict[str, Callable[[Any], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": _timedelta,
    "decimal": Decimal,
    "bytes": lambda v: base64.b64decode(v, validate=True),
    "set": set,
    "frozenset": frozenset,
    "tuple": tuple,
    "dict": dict,
}


def _untag(obj: dict[str, Any]) -> Any:
    if len(obj) == 2 and "$" in obj and "v" in obj:
        try:
            return _READERS[obj["$"]](obj["v"])
        except (KeyError, TypeError, ValueError, ArithmeticError):
            # Imported data may look like a tag without being one; it stays what it is.
            return obj
    return obj


# Without what `json.loads` does about space around a text: the host writes none.
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
_scan_tagged = json.JSONDecoder(object_hook=_untag).scan_once  # type: ignore[attr-defined]


def loads(source: str) -> Any:
    """The values of a JSON text of the host's. The slower reader is used only where there is something to untag."""
    return (_scan_tagged if '"$"' in source else _scan)(source, 0)[0]
