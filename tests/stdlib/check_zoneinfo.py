"""zoneinfo: every IANA zone, from memory."""

import copy
import pickle
import sys
import zoneinfo
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

IN_SANDBOX = sys.platform == "wasi"
UTC = timezone.utc

# Offsets at noon UTC of 15 January and 15 July 2024.
OFFSETS = """
    Africa/Abidjan +00:00 +00:00        Africa/Addis_Ababa +03:00 +03:00    Africa/Cairo +02:00 +03:00
    Africa/Casablanca +01:00 +01:00     Africa/Johannesburg +02:00 +02:00   Africa/Lagos +01:00 +01:00
    Africa/Nairobi +03:00 +03:00        Africa/Tunis +01:00 +01:00          America/Anchorage -09:00 -08:00
    America/Argentina/Buenos_Aires -03:00 -03:00                            America/Bogota -05:00 -05:00
    America/Caracas -04:00 -04:00       America/Chicago -06:00 -05:00       America/Denver -07:00 -06:00
    America/Halifax -04:00 -03:00       America/Havana -05:00 -04:00        America/Indiana/Indianapolis -05:00 -04:00
    America/Lima -05:00 -05:00          America/Los_Angeles -08:00 -07:00   America/Mexico_City -06:00 -06:00
    America/New_York -05:00 -04:00      America/Phoenix -07:00 -07:00       America/Santiago -03:00 -04:00
    America/Sao_Paulo -03:00 -03:00     America/St_Johns -03:30 -02:30      America/Toronto -05:00 -04:00
    Antarctica/Troll +00:00 +02:00      Arctic/Longyearbyen +01:00 +02:00   Asia/Bangkok +07:00 +07:00
    Asia/Dhaka +06:00 +06:00            Asia/Dubai +04:00 +04:00            Asia/Ho_Chi_Minh +07:00 +07:00
    Asia/Hong_Kong +08:00 +08:00        Asia/Jakarta +07:00 +07:00          Asia/Jerusalem +02:00 +03:00
    Asia/Kabul +04:30 +04:30            Asia/Karachi +05:00 +05:00          Asia/Kathmandu +05:45 +05:45
    Asia/Kolkata +05:30 +05:30          Asia/Manila +08:00 +08:00           Asia/Riyadh +03:00 +03:00
    Asia/Seoul +09:00 +09:00            Asia/Shanghai +08:00 +08:00         Asia/Singapore +08:00 +08:00
    Asia/Tehran +03:30 +03:30           Asia/Tokyo +09:00 +09:00            Asia/Yangon +06:30 +06:30
    Atlantic/Azores -01:00 +00:00       Atlantic/Reykjavik +00:00 +00:00    Australia/Adelaide +10:30 +09:30
    Australia/Brisbane +10:00 +10:00    Australia/Eucla +08:45 +08:45       Australia/Lord_Howe +11:00 +10:30
    Australia/Perth +08:00 +08:00       Australia/Sydney +11:00 +10:00      Europe/Berlin +01:00 +02:00
    Europe/Dublin +00:00 +01:00         Europe/Istanbul +03:00 +03:00       Europe/Kyiv +02:00 +03:00
    Europe/Lisbon +00:00 +01:00         Europe/London +00:00 +01:00         Europe/Moscow +03:00 +03:00
    Europe/Paris +01:00 +02:00          Indian/Maldives +05:00 +05:00       Pacific/Apia +13:00 +13:00
    Pacific/Auckland +13:00 +12:00      Pacific/Chatham +13:45 +12:45       Pacific/Honolulu -10:00 -10:00
    Pacific/Kiritimati +14:00 +14:00    Pacific/Marquesas -09:30 -09:30     Pacific/Pago_Pago -11:00 -11:00
    UTC +00:00 +00:00                   Etc/GMT+5 -05:00 -05:00             EST5EDT -05:00 -04:00
    US/Pacific -08:00 -07:00            GB +00:00 +01:00                    Zulu +00:00 +00:00
""".split()


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def at(key, *fields, fold=0):
    return datetime(*fields, tzinfo=ZoneInfo(key), fold=fold)


def test_all_names_are_there():
    names = zoneinfo.available_timezones()
    assert len(names) > 590
    assert {"Asia/Kathmandu", "America/Argentina/Ushuaia", "Europe/Kyiv", "Europe/Kiev", "Etc/GMT-14", "UTC"} <= names
    assert not {"posixrules", "tzdata.zi", "zone.tab", "__init__.py", ""} & names


def test_offsets_on_all_continents():
    winter, summer = (datetime(2024, month, 15, 12, tzinfo=UTC) for month in (1, 7))
    for key, january, july in zip(*(iter(OFFSETS),) * 3):
        zone = ZoneInfo(key)
        found = [moment.astimezone(zone).isoformat()[-6:] for moment in (winter, summer)]
        assert found == [january, july], (key, found)


def test_a_gap():
    before, after = (at("America/New_York", 2026, 3, 8, 2, 30, fold=fold) for fold in (0, 1))
    assert (before.utcoffset(), after.utcoffset()) == (timedelta(hours=-5), timedelta(hours=-4))
    assert before.astimezone(UTC) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert before.astimezone(UTC).astimezone(before.tzinfo).isoformat() == "2026-03-08T03:30:00-04:00"
    assert at("Europe/Berlin", 2026, 3, 29, 2, 30).astimezone(UTC).hour == 1
    assert at("Australia/Lord_Howe", 2026, 10, 4, 2, 15).astimezone(UTC).isoformat() == "2026-10-03T15:45:00+00:00"


def test_an_overlap():
    first, second = (at("Europe/Berlin", 2026, 10, 25, 2, 30, fold=fold) for fold in (0, 1))
    assert (first.tzname(), second.tzname()) == ("CEST", "CET")
    assert (first.dst(), second.dst()) == (timedelta(hours=1), timedelta(0))
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)
    later = datetime(2026, 10, 25, 1, 30, tzinfo=UTC).astimezone(first.tzinfo)
    assert (later.hour, later.fold) == (2, 1)
    half_hour = [at("Australia/Lord_Howe", 2026, 4, 5, 1, 45, fold=fold).utcoffset() for fold in (0, 1)]
    assert half_hour == [timedelta(hours=11), timedelta(hours=10, minutes=30)]


def test_arithmetic_is_by_the_wall_clock():
    start = at("America/New_York", 2026, 3, 7, 12)
    assert (start + timedelta(days=1)).isoformat() == "2026-03-08T12:00:00-04:00"
    assert (start.astimezone(UTC) + timedelta(days=1)).astimezone(start.tzinfo).hour == 13


def test_history():
    assert at("Asia/Kathmandu", 1985, 6, 1).utcoffset() == timedelta(hours=5, minutes=30)
    assert at("Europe/Berlin", 1890, 1, 1).utcoffset() == timedelta(minutes=53, seconds=28)
    assert at("Europe/Dublin", 2024, 1, 15).dst() in (timedelta(0), timedelta(hours=-1))  # by how the data is built
    there = datetime(2011, 12, 30, 9, 59, 59, tzinfo=UTC).astimezone(ZoneInfo("Pacific/Apia"))
    assert there.isoformat() == "2011-12-29T23:59:59-10:00"
    assert (there.astimezone(UTC) + timedelta(seconds=1)).astimezone(there.tzinfo).day == 31  # no 30 December


def test_the_far_future_follows_the_rule():
    assert at("America/New_York", 2090, 7, 1).utcoffset() == timedelta(hours=-4)
    assert at("Australia/Sydney", 2090, 1, 1).tzname() == "AEDT"
    assert at("Asia/Kathmandu", 9999, 1, 1).utcoffset() == timedelta(hours=5, minutes=45)


def test_a_zone_is_one_object():
    zone = ZoneInfo("Europe/Paris")
    assert zone is ZoneInfo("Europe/Paris") and zone.key == str(zone) == "Europe/Paris"
    assert repr(zone) == "zoneinfo.ZoneInfo(key='Europe/Paris')"
    assert pickle.loads(pickle.dumps(zone)) is zone is copy.deepcopy(zone)
    assert ZoneInfo.no_cache("Europe/Paris") is not zone
    moment = datetime(2026, 7, 1, tzinfo=zone)
    assert pickle.loads(pickle.dumps(moment)).tzinfo is zone


def test_what_is_no_zone():
    error = raised(ZoneInfoNotFoundError, ZoneInfo, "Mars/Olympus")
    assert isinstance(error, KeyError) and "No time zone found with key Mars/Olympus" in str(error)
    for path in ("../etc/passwd", "/etc/localtime", "Europe/../Europe/Berlin"):
        raised(ValueError, ZoneInfo, path)


if IN_SANDBOX:

    def test_names_are_exact_and_come_from_memory():
        for name in ("europe/berlin", "Europe", "Europe/Berlin ", "UTC+2"):
            raised(ZoneInfoNotFoundError, ZoneInfo, name)
        assert zoneinfo.TZPATH == ()
        assert len(zoneinfo.available_timezones()) == 598

    def test_local_time_is_that_of_the_runs_zone():
        here = ZoneInfo("Asia/Kathmandu")
        assert datetime.now(here).replace(tzinfo=None) == datetime.now() == datetime(2026, 3, 10, 15, 15, 15, 123456)
        assert datetime.now(ZoneInfo("America/New_York")).isoformat() == "2026-03-10T05:30:15.123456-04:00"

    def test_every_fourth_zone_can_be_made():
        # All of them would take half a run's fuel.
        for key in sorted(zoneinfo.available_timezones())[::4]:
            offset = datetime(2026, 3, 10, tzinfo=ZoneInfo(key)).utcoffset()
            assert timedelta(hours=-12) <= offset <= timedelta(hours=14), key
