"""The clock patches the interpreter for good, so each test has one of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

GUEST = Path(__file__).parent.parent / "guest"
PREPARE = f"import sys; sys.path.insert(0, {str(GUEST)!r})\nfrom datetime import date, datetime, timedelta, timezone\nimport time, zoneinfo\nfrom shim import clock\nclock.install()\n"


def check(zone: str, program: str) -> None:
    script = f"{PREPARE}clock.set_zone({zone!r}); Z = zoneinfo.ZoneInfo({zone!r})\n{program}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/New_York", "Europe/Dublin", "Pacific/Apia"])
def test_local_time_is_the_runs_zone(zone: str) -> None:
    check(
        zone,
        """
second = timedelta(seconds=1)
there = datetime.now(Z)
assert abs(datetime.now() - there.replace(tzinfo=None)) < second and datetime.now().tzinfo is None
assert abs(datetime.today() - datetime.now()) < second
assert date.today() == datetime.now().date() and type(date.today()) is date
assert abs(datetime.now().timestamp() - time.time()) < 1
assert abs(datetime.now(timezone.utc).timestamp() - time.time()) < 1
assert datetime.fromtimestamp(0) == datetime.fromtimestamp(0, Z).replace(tzinfo=None)
assert date.fromtimestamp(0) == datetime.fromtimestamp(0, Z).date()
assert datetime(2024, 7, 1, 12).astimezone(timezone.utc) == datetime(2024, 7, 1, 12, tzinfo=Z)
assert datetime.now().astimezone().utcoffset() == there.utcoffset()
assert time.strftime("%H:%M %% %Z%z", time.localtime(0)) == datetime.fromtimestamp(0, Z).strftime("%H:%M %% %Z%z")
assert time.mktime(time.localtime(1719828000)) == 1719828000
assert time.ctime(0) == datetime.fromtimestamp(0, Z).ctime()
""",
    )


def test_datetime_stays_the_one_type() -> None:
    check(
        "Asia/Tokyo",
        """
import copy, pickle
class Mine(datetime): ...
assert type(Mine.now()) is Mine and issubclass(datetime, date) and type(Mine.today()) is Mine
assert isinstance(datetime.now(), datetime) and repr(datetime.now()).startswith("datetime.datetime(")
n = datetime.now(); assert pickle.loads(pickle.dumps(n)) == n == copy.deepcopy(n)
assert datetime.strptime("2024-01-02", "%Y-%m-%d") == datetime(2024, 1, 2)
""",
    )


def test_an_overlap_is_told_apart_by_fold() -> None:
    check(
        "America/New_York",
        """
first, second = datetime(2024, 11, 3, 1, 30), datetime(2024, 11, 3, 1, 30, fold=1)
assert second.timestamp() - first.timestamp() == 3600
assert datetime.fromtimestamp(second.timestamp()).fold == 1
assert time.tzname == ("EST", "EDT") and time.timezone == 18000 and time.altzone == 14400 and time.daylight == 1
""",
    )


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", ""])
def test_a_name_of_no_zone_is_refused(name: str) -> None:
    check(
        "UTC",
        f"try: clock.set_zone({name!r})\nexcept (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError): pass\nelse: raise SystemExit('accepted')",
    )
