"""`datetime.now()` and its kin in the run's time zone.

wasi-libc knows UTC only and there is no `time.tzset`. The C types are patched in place, through their real dicts, so that
`datetime` stays the one type it is: however it was imported, for isinstance, pickle, subclasses and repr. The zone has to
be set before the strategy's top level runs. Instants stay true: `time.time()`, `datetime.now(UTC)`, `.timestamp()`.
"""

from __future__ import annotations

import datetime as _datetime
import gc
import logging
import sys
import time as _time
import zoneinfo
from typing import Any

from shim import zones

_DateTime, _Date, _UTC = _datetime.datetime, _datetime.date, _datetime.UTC
_zone: _datetime.tzinfo = _UTC
_zone_name = "UTC"

# The originals, kept before the patch. A classmethod's `__get__` binds it to the subclass that was asked.
_now = _DateTime.__dict__["now"]
_from = _DateTime.__dict__["fromtimestamp"]
_timestamp = _DateTime.timestamp
_astimezone = _DateTime.astimezone
_seconds_now = _time.time
_strftime = _time.strftime
_asctime = _time.asctime


def set_zone(name: str) -> None:
    """Local times are in this IANA zone from now on. Raises `ZoneInfoNotFoundError` or `ValueError` for no zone's name."""
    global _zone, _zone_name
    if name != _zone_name:
        _zone, _zone_name = zones.KNOWN.get(name) or zoneinfo.ZoneInfo(name), name


class TimeModule(type(_time)):  # type: ignore[misc]
    """`time` with the constants of the run's zone, which are worked out when somebody asks."""

    @property
    def timezone(self) -> int:
        return -int(_offset(_standard_and_other()[0]).total_seconds())

    @property
    def altzone(self) -> int:
        return -int(_offset(_standard_and_other()[1]).total_seconds())

    @property
    def daylight(self) -> int:
        return int(bool(_standard_and_other()[1].dst()))

    @property
    def tzname(self) -> tuple[str, str]:
        standard, other = _standard_and_other()
        return standard.tzname() or "", other.tzname() or ""


def _standard_and_other() -> tuple[_datetime.datetime, _datetime.datetime]:
    """This year's January and July, the one without daylight saving time first."""
    year = _now.__get__(None, _DateTime)(_UTC).year
    january, july = (_DateTime(year, month, 1, tzinfo=_zone) for month in (1, 7))
    return (july, january) if january.dst() else (january, july)


def _offset(moment: _datetime.datetime) -> _datetime.timedelta:
    return moment.utcoffset() or _datetime.timedelta(0)


# datetime ------------------------------------------------------------------------------------------------------------


def now(cls: Any, tz: _datetime.tzinfo | None = None) -> Any:
    """The run's time: local without a zone, else in that zone."""
    if tz is not None:
        return _now.__get__(None, cls)(tz)
    return _now.__get__(None, cls)(_zone).replace(tzinfo=None)


def fromtimestamp(cls: Any, timestamp: float, tz: _datetime.tzinfo | None = None) -> Any:
    """The moment of a Unix time: local without a zone, else in that zone."""
    if tz is not None:
        return _from.__get__(None, cls)(timestamp, tz)
    return _from.__get__(None, cls)(timestamp, _zone).replace(tzinfo=None)


def today(cls: Any) -> Any:
    """The run's date; for a datetime class, the run's time."""
    if issubclass(cls, _DateTime):
        return cls.now()
    local = _now.__get__(None, _DateTime)(_zone)
    return cls(local.year, local.month, local.day)


def date_fromtimestamp(cls: Any, timestamp: float) -> Any:
    """The local date of a Unix time."""
    local = _from.__get__(None, _DateTime)(timestamp, _zone)
    return cls(local.year, local.month, local.day)


def timestamp(self: Any) -> float:
    """Unix time, in seconds."""
    return _timestamp(self if self.tzinfo is not None else self.replace(tzinfo=_zone))


def astimezone(self: Any, tz: _datetime.tzinfo | None = None) -> Any:
    """The same moment in another zone, the run's by default."""
    if self.tzinfo is None:
        self = self.replace(tzinfo=_zone)
    if tz is None:
        local = _astimezone(self, _zone)
        tz = _datetime.timezone(_offset(local), local.tzname() or "")
    return _astimezone(self, tz)


# time ----------------------------------------------------------------------------------------------------------------


def localtime(seconds: float | None = None) -> _time.struct_time:
    """A Unix time, by default the run's, as local time."""
    whole = int((_seconds_now() if seconds is None else seconds) // 1)
    local = _from.__get__(None, _DateTime)(whole, _zone)
    *fields, _ = local.timetuple()
    return _time.struct_time((*fields, int(bool(local.dst())), local.tzname(), int(_offset(local).total_seconds())))


def mktime(t: Any) -> float:
    """Unix time of a local time. Its last field tells the two times of an overlap apart."""
    year, month, day, hour, minute, second, _, _, is_summer_time = t
    local = _DateTime(year, month, day, hour, minute, second, tzinfo=_zone)
    if is_summer_time == 0 and local.dst():
        # `fold` is ignored outside an overlap; within one the second time is the standard one.
        local = local.replace(fold=1)
    return _timestamp(local)


def strftime(format: str, t: Any = None) -> str:
    """`time.strftime` with the run's zone for `%Z` and `%z`, where libc would say UTC."""
    t = localtime() if t is None else t
    zone, offset = getattr(t, "tm_zone", None), getattr(t, "tm_gmtoff", None)
    if zone is not None and offset is not None:
        minutes = abs(offset) // 60
        signed = f"{'-' if offset < 0 else '+'}{minutes // 60:02d}{minutes % 60:02d}"
        pieces = format.split("%%")
        format = "%%".join(p.replace("%Z", zone.replace("%", "%%")).replace("%z", signed) for p in pieces)
    return _strftime(format, t)


def ctime(seconds: float | None = None) -> str:
    """`time.ctime` in the run's zone."""
    return _asctime(localtime(seconds))


def asctime(t: Any = None) -> str:
    """`time.asctime` in the run's zone."""
    return _asctime(localtime() if t is None else t)


def install() -> None:
    """Patches the two modules. To be done once, when the runtime is built."""
    # A type's `__dict__` is a read-only proxy; the garbage collector knows the dict behind it.
    datetime_dict, date_dict = (gc.get_referents(cls.__dict__)[0] for cls in (_DateTime, _Date))
    datetime_dict.update(
        now=classmethod(now),
        fromtimestamp=classmethod(fromtimestamp),
        timestamp=timestamp,
        astimezone=astimezone,
    )
    date_dict.update(today=classmethod(today), fromtimestamp=classmethod(date_fromtimestamp))
    # Until then the old methods are still found in the type cache.
    sys._clear_type_cache()
    for function in (localtime, mktime, strftime, ctime, asctime):
        setattr(_time, function.__name__, function)
    # The interpreter counts processor time from its start, which lies in the build.
    _time.process_time, _time.process_time_ns = _time.perf_counter, _time.perf_counter_ns
    logging.Formatter.converter = staticmethod(localtime)
    _time.__class__ = TimeModule
