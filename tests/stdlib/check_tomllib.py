"""tomllib"""

import io
import tomllib
from datetime import date, datetime, time, timezone
from decimal import Decimal

TEXT = """
name = "Zo\\u00eb"  # a comment
amount = 1_000.50
days = [1, 0x10, 0b11]
on = 2026-03-10
at = 2026-03-10T09:30:15Z
hour = 08:30:00
open = true
raw = 'C:\\\\x'

[stage.first]
tone.kind = "yes"
text = \"\"\"
two
lines\"\"\"

[[step]]
n = 1
[[step]]
n = 2
"""


def test_all_types():
    read = tomllib.loads(TEXT)
    assert read["name"] == "Zoë" and read["amount"] == 1000.5 and read["days"] == [1, 16, 3] and read["open"] is True
    assert read["on"] == date(2026, 3, 10) and read["hour"] == time(8, 30)
    assert read["at"] == datetime(2026, 3, 10, 9, 30, 15, tzinfo=timezone.utc) and read["raw"] == "C:\\\\x"
    assert read["stage"] == {"first": {"tone": {"kind": "yes"}, "text": "two\nlines"}}
    assert read["step"] == [{"n": 1}, {"n": 2}]


def test_streams_and_exact_numbers():
    assert tomllib.load(io.BytesIO(b"a = 0.1"), parse_float=Decimal) == {"a": Decimal("0.1")}


def test_broken_text():
    for broken in ("a = ", "a = 1\na = 2", "[x", "a = 'b"):
        try:
            tomllib.loads(broken)
        except tomllib.TOMLDecodeError as error:
            assert isinstance(error, ValueError)
            continue
        raise AssertionError(broken)
    try:
        tomllib.loads("ok = 1\nbad = ?")
    except tomllib.TOMLDecodeError as error:
        assert str(error) == "Invalid value (at line 2, column 7)"
