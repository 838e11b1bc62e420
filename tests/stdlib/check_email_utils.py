"""email.utils"""

import sys
from datetime import datetime, timedelta, timezone
from email import utils

IN_SANDBOX = sys.platform == "wasi"
MOMENT = datetime(2026, 3, 10, 9, 30, 15, tzinfo=timezone.utc)


def test_addresses():
    assert utils.parseaddr('"Smith, Jane" <jane@example.com>') == ("Smith, Jane", "jane@example.com")
    assert utils.parseaddr("jane@example.com (Jane)") == ("Jane", "jane@example.com")
    assert utils.parseaddr("") == ("", "")
    assert utils.formataddr(("Smith, Jane", "jane@example.com")) == '"Smith, Jane" <jane@example.com>'
    assert utils.formataddr(("Zoë", "z@example.com")) == "=?utf-8?q?Zo=C3=AB?= <z@example.com>"
    assert utils.getaddresses(["A <a@x.de>, b@x.de", "C <c@x.de>"]) == [
        ("A", "a@x.de"),
        ("", "b@x.de"),
        ("C", "c@x.de"),
    ]
    assert utils.quote('a"b\\') == 'a\\"b\\\\' and utils.unquote('"a\\"b"') == 'a"b'


def test_dates():
    assert utils.format_datetime(MOMENT) == "Tue, 10 Mar 2026 09:30:15 +0000"
    assert utils.format_datetime(MOMENT, usegmt=True) == "Tue, 10 Mar 2026 09:30:15 GMT"
    assert utils.formatdate(1773135015, usegmt=True) == "Tue, 10 Mar 2026 09:30:15 GMT"
    assert utils.parsedate_to_datetime("Tue, 10 Mar 2026 15:15:15 +0545") == MOMENT
    assert utils.parsedate_to_datetime("10 Mar 2026 09:30:15 -0000").tzinfo is None
    assert utils.parsedate_tz("Tue, 10 Mar 2026 15:15:15 +0545") == (2026, 3, 10, 15, 15, 15, 0, 1, -1, 20700)
    assert utils.parsedate("Tue, 10 Mar 2026 09:30:15 GMT")[:6] == (2026, 3, 10, 9, 30, 15)
    assert utils.mktime_tz(utils.parsedate_tz("Tue, 10 Mar 2026 15:15:15 +0545")) == 1773135015
    try:
        utils.parsedate_to_datetime("yesterday")
    except ValueError:
        return
    raise AssertionError("that is no date")


def test_parameters():
    assert utils.encode_rfc2231("Zoë", "utf-8") == "utf-8''Zo%C3%AB"
    assert utils.decode_rfc2231("utf-8'de'Zo%C3%AB") == ["utf-8", "de", "Zo%C3%AB"]
    assert utils.collapse_rfc2231_value(("utf-8", "de", "Zo\xc3\xab")) == "Zoë"


def test_message_ids():
    one, other = (utils.make_msgid("campaign", domain="example.com") for _ in range(2))
    assert one.startswith("<") and one.endswith(".campaign@example.com>") and one != other


if IN_SANDBOX:

    def test_local_time_is_the_runs():
        assert utils.localtime().isoformat() == "2026-03-10T15:15:15.123456+05:45"
        assert utils.localtime(MOMENT).utcoffset() == timedelta(hours=5, minutes=45)
        assert utils.formatdate(localtime=True) == "Tue, 10 Mar 2026 15:15:15 +0545"
        assert utils.formatdate() == "Tue, 10 Mar 2026 09:30:15 -0000"
