"""datetime: what campaigns are planned with. Without a zone it is local time, in the sandbox that of the run's zone."""

import copy
import datetime as dt
import pickle
import sys
import time
import warnings
from datetime import date, datetime, timedelta, timezone

IN_SANDBOX = sys.platform == "wasi"
UTC = timezone.utc


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_arithmetic():
    due = datetime(2026, 2, 27, 22, 30)
    assert due + timedelta(days=2, hours=2) == datetime(2026, 3, 2, 0, 30)
    assert datetime(2026, 3, 10) - datetime(2026, 3, 1, 12) == timedelta(days=8, hours=12)
    assert date(2024, 2, 28) + timedelta(days=1) == date(2024, 2, 29)
    assert due - timedelta(weeks=1) == datetime(2026, 2, 20, 22, 30)
    raised(OverflowError, lambda: datetime.max + timedelta(seconds=1))


def test_timedeltas():
    assert timedelta(minutes=90) == timedelta(hours=1.5) and str(timedelta(days=1, hours=2)) == "1 day, 2:00:00"
    assert timedelta(seconds=-1) == timedelta(days=-1, seconds=86399) and abs(timedelta(-1)) == timedelta(1)
    assert timedelta(days=1, microseconds=5).total_seconds() == 86400.000005
    assert timedelta(hours=5) / timedelta(hours=2) == 2.5 and timedelta(hours=5) // timedelta(hours=2) == 2
    assert divmod(timedelta(hours=5), timedelta(hours=2)) == (2, timedelta(hours=1))
    assert sum([timedelta(minutes=20)] * 3, timedelta()) == timedelta(hours=1)


def test_iso_text():
    moment = datetime(2026, 3, 10, 15, 15, 15, 123456)
    assert moment.isoformat() == "2026-03-10T15:15:15.123456" and str(moment) == "2026-03-10 15:15:15.123456"
    assert moment.isoformat(" ", "minutes") == "2026-03-10 15:15"
    assert datetime.fromisoformat("2026-03-10T09:30:15Z") == datetime(2026, 3, 10, 9, 30, 15, tzinfo=UTC)
    assert datetime.fromisoformat("20260310T093015") == datetime(2026, 3, 10, 9, 30, 15)
    assert datetime.fromisoformat("2026-03-10 09:30+05:45").utcoffset() == timedelta(hours=5, minutes=45)
    assert datetime.fromisoformat("2026-W11-2") == datetime(2026, 3, 10)
    assert date.fromisoformat("20260310") == date(2026, 3, 10)
    assert dt.time.fromisoformat("T04:23:01.5") == dt.time(4, 23, 1, 500000)
    raised(ValueError, datetime.fromisoformat, "10.03.2026")


def test_formatting():
    moment = datetime(2026, 3, 10, 15, 5, 9, 7)
    assert moment.strftime("%d.%m.%Y %H:%M:%S.%f") == "10.03.2026 15:05:09.000007"
    assert moment.strftime("%A %a %B %b %j %U %W %w %u") == "Tuesday Tue March Mar 069 10 10 2 2"
    assert moment.strftime("%I:%M %p %y %G-W%V %%") == "03:05 PM 26 2026-W11 %"
    assert moment.strftime("%c|%x|%X") == "Tue Mar 10 15:05:09 2026|03/10/26|15:05:09"
    assert moment.strftime("[%z%Z]") == "[]" and moment.replace(tzinfo=UTC).strftime("%z %Z") == "+0000 UTC"
    assert f"{moment:%H:%M}" == "15:05" and moment.ctime() == "Tue Mar 10 15:05:09 2026"
    assert moment.strftime("%F %T %D %R %e") == "2026-03-10 15:05:09 03/10/26 15:05 10"
    assert date(2026, 3, 10).strftime("%d/%m %H") == "10/03 00" and moment.strftime("Zoë €") == "Zoë €"


def test_parsing():
    assert datetime.strptime("10.03.2026 15:05", "%d.%m.%Y %H:%M") == datetime(2026, 3, 10, 15, 5)
    assert datetime.strptime("Mar 5, 2026 3 PM", "%b %d, %Y %I %p") == datetime(2026, 3, 5, 15)
    assert datetime.strptime("2026-069", "%Y-%j") == datetime(2026, 3, 10)
    assert datetime.strptime("2026-03-10 00:00 +0545", "%Y-%m-%d %H:%M %z").utcoffset() == timedelta(minutes=345)
    assert datetime.strptime("2026 W11 2", "%G W%V %u") == datetime(2026, 3, 10)
    error = raised(ValueError, datetime.strptime, "31.02.2026", "%d.%m.%Y")
    assert "day" in str(error)
    error = raised(ValueError, datetime.strptime, "today", "%d.%m.%Y")
    assert str(error) == "time data 'today' does not match format '%d.%m.%Y'"
    if sys.version_info >= (3, 14):
        assert date.strptime("10.03.2026", "%d.%m.%Y") == date(2026, 3, 10)
        assert dt.time.strptime("15:05", "%H:%M") == dt.time(15, 5)


def test_the_calendar():
    day = date(2026, 3, 10)
    assert (day.weekday(), day.isoweekday(), day.toordinal()) == (1, 2, 739685)
    assert tuple(day.isocalendar()) == (2026, 11, 2) and date.fromisocalendar(2026, 11, 2) == day
    assert day.replace(day=1, month=12) == date(2026, 12, 1) and day.timetuple().tm_yday == 69
    raised(ValueError, date, 2026, 2, 29)


def test_parts():
    moment = datetime.combine(date(2026, 3, 10), dt.time(8, 30), tzinfo=UTC)
    assert moment == datetime(2026, 3, 10, 8, 30, tzinfo=UTC)
    assert moment.date() == date(2026, 3, 10) and moment.time() == dt.time(8, 30) and moment.timetz().tzinfo is UTC
    assert moment.replace(hour=23, tzinfo=None) == datetime(2026, 3, 10, 23, 30)
    assert dt.time(8, 30) < dt.time(8, 31) and dt.time.max.isoformat() == "23:59:59.999999"


def test_fixed_zones():
    nepal = timezone(timedelta(hours=5, minutes=45))
    assert str(nepal) == "UTC+05:45" and nepal.utcoffset(None) == timedelta(seconds=20700)
    there = datetime(2026, 3, 10, 9, 30, tzinfo=UTC).astimezone(nepal)
    assert there.isoformat() == "2026-03-10T15:15:00+05:45" and there == datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
    assert dt.UTC is UTC
    raised(TypeError, lambda: datetime(2026, 1, 1) < datetime(2026, 1, 1, tzinfo=UTC))
    assert datetime(2026, 1, 1) != datetime(2026, 1, 1, tzinfo=UTC)


def test_unix_time():
    moment = datetime(2026, 3, 10, 9, 30, 15, tzinfo=UTC)
    assert moment.timestamp() == 1773135015.0 and datetime.fromtimestamp(1773135015, UTC) == moment
    assert datetime.fromtimestamp(2**33, UTC) == datetime(2242, 3, 16, 12, 56, 32, tzinfo=UTC)  # beyond 2038
    assert datetime.fromtimestamp(-1, UTC) == datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_clocks_agree():
    assert abs(datetime.now().timestamp() - time.time()) < 1
    assert abs(datetime.now(UTC).timestamp() - time.time()) < 1
    assert datetime.fromtimestamp(1773135015).timestamp() == 1773135015
    assert datetime(2026, 3, 10, 12).astimezone().replace(tzinfo=None) == datetime(2026, 3, 10, 12)


def test_it_is_the_one_type():
    assert isinstance(datetime.now(), datetime) and type(datetime.now()) is datetime is dt.datetime
    assert issubclass(datetime, date) and type(date.today()) is date and type(datetime.now().date()) is date

    class Deadline(datetime):
        pass

    assert type(Deadline.now()) is type(Deadline.today()) is type(Deadline.fromtimestamp(0)) is Deadline
    moment = datetime(2026, 3, 10, 1, 2, 3, 4, tzinfo=UTC, fold=1)
    assert pickle.loads(pickle.dumps(moment)) == copy.deepcopy(moment) == moment
    assert repr(datetime(2026, 3, 10)) == "datetime.datetime(2026, 3, 10, 0, 0)"
    assert {moment: 1}[moment.astimezone(timezone(timedelta(hours=3)))] == 1


if IN_SANDBOX:
    NOW = datetime(2026, 3, 10, 15, 15, 15, 123456)
    # The top level runs once for all runs, in UTC; here at the same moment.
    AT_IMPORT = datetime.now()

    def test_now_is_the_runs_clock_in_the_runs_zone():
        assert datetime.now() == datetime.today() == NOW
        assert date.today() == dt.date.today() == date(2026, 3, 10)
        assert AT_IMPORT == datetime(2026, 3, 10, 9, 30, 15, 123456)
        assert datetime.now().tzinfo is None

    def test_instants_are_true():
        assert datetime.now(UTC) == datetime(2026, 3, 10, 9, 30, 15, 123456, tzinfo=UTC)
        assert datetime.now(tz=timezone(timedelta(hours=-3))).isoformat() == "2026-03-10T06:30:15.123456-03:00"
        assert NOW.timestamp() == 1773135015.123456

    def test_local_time_of_an_instant():
        assert datetime.fromtimestamp(0) == datetime(1970, 1, 1, 5, 30)  # +05:30 until 1986
        assert datetime.fromtimestamp(1773135015.123456) == NOW
        assert date.fromtimestamp(1773168300) == date(2026, 3, 11)  # 18:45 UTC is midnight there
        assert NOW.astimezone().isoformat() == "2026-03-10T15:15:15.123456+05:45"
        assert NOW.astimezone().tzname() == "+0545"
        assert NOW.astimezone(UTC) == datetime.now(UTC)

    def test_utcnow_is_utc_without_saying_so():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            assert datetime.utcnow() == datetime(2026, 3, 10, 9, 30, 15, 123456)
            assert datetime.utcfromtimestamp(0) == datetime(1970, 1, 1)
