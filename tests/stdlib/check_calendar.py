"""calendar"""

import calendar
import sys
from datetime import date

MARCH_2026 = """\
     March 2026
Mo Tu We Th Fr Sa Su
                   1
 2  3  4  5  6  7  8
 9 10 11 12 13 14 15
16 17 18 19 20 21 22
23 24 25 26 27 28 29
30 31
"""


def test_days_of_months_and_years():
    assert calendar.monthrange(2024, 2) == (3, 29) and calendar.monthrange(2026, 2) == (6, 28)
    assert calendar.isleap(2024) and not calendar.isleap(1900) and calendar.isleap(2000)
    assert calendar.leapdays(2000, 2025) == 7
    assert calendar.weekday(2026, 3, 10) == calendar.TUESDAY == 1


def test_names():
    assert list(calendar.month_name)[:3] == ["", "January", "February"] and calendar.month_abbr[12] == "Dec"
    assert list(calendar.day_name)[0] == "Monday" and calendar.day_abbr[6] == "Sun"
    if sys.version_info >= (3, 12):
        assert calendar.Month.MARCH == 3 and calendar.Day.SUNDAY == 6


def test_weeks():
    assert calendar.monthcalendar(2026, 3)[0] == [0, 0, 0, 0, 0, 0, 1]
    assert calendar.Calendar(firstweekday=6).monthdayscalendar(2026, 3)[0] == [1, 2, 3, 4, 5, 6, 7]
    days = list(calendar.Calendar().itermonthdates(2026, 3))
    assert (days[0], days[-1], len(days)) == (date(2026, 2, 23), date(2026, 4, 5), 42)
    assert [d for d, weekday in calendar.Calendar().itermonthdays2(2026, 3) if d and weekday == 0] == [2, 9, 16, 23, 30]


def test_text():
    assert calendar.month(2026, 3) == MARCH_2026
    assert calendar.TextCalendar(6).formatweekheader(2) == "Su Mo Tu We Th Fr Sa"
    assert '<th colspan="7" class="month">March 2026</th>' in calendar.HTMLCalendar().formatmonth(2026, 3)


def test_unix_time():
    assert calendar.timegm((2026, 3, 10, 9, 30, 15)) == 1773135015


def test_the_first_day_of_the_week_can_be_set():
    calendar.setfirstweekday(calendar.SUNDAY)
    try:
        assert calendar.firstweekday() == 6 and calendar.monthcalendar(2026, 3)[0][0] == 1
    finally:
        calendar.setfirstweekday(calendar.MONDAY)


def test_a_month_that_does_not_exist():
    try:
        calendar.monthrange(2026, 13)
    except calendar.IllegalMonthError as error:
        assert "13" in str(error) and isinstance(error, ValueError)
    else:
        raise AssertionError("there is no month 13")
