"""re: finding amounts, dates and promises in what a contact wrote."""

import re
import sys


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_search_match_and_fullmatch_differ():
    assert re.search(r"\d+", "pay 120 now").group() == "120"
    assert re.match(r"\d+", "pay 120 now") is None
    assert re.fullmatch(r"\d+", "120\n") is None
    assert re.search(r"^\d+$", "120\n") is not None
    assert re.search("x", "abc") is None


def test_groups_by_number_and_name():
    found = re.search(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})(?:\.(?P<year>\d{4}))?", "on 5.11 please")
    assert found.groupdict(default="2026") == {"day": "5", "month": "11", "year": "2026"}
    assert found.groups() == ("5", "11", None)
    assert (found["day"], found[2], found.span("month"), found.lastgroup) == ("5", "11", (5, 7), "month")
    assert found.expand(r"\g<month>/\1") == "11/5"


def test_all_matches():
    assert re.findall(r"\w+@\w+\.\w+", "a@b.de, c@d.org") == ["a@b.de", "c@d.org"]
    assert re.findall(r"(\w)=(\d)", "a=1 b=2") == [("a", "1"), ("b", "2")]
    assert [m.start() for m in re.finditer("a", "banana")] == [1, 3, 5]
    assert re.findall(r"", "ab") == ["", "", ""]


def test_replacing():
    assert re.sub(r"(\w+) (\w+)", r"\2 \1", "Smith Jane") == "Jane Smith"
    assert re.sub(r"\d+", lambda m: str(int(m[0]) * 2), "3 and 4") == "6 and 8"
    assert re.subn("a", "o", "banana", count=2) == ("bonona", 2)
    assert re.sub(r"(?P<x>a)|b", r"[\g<x>]", "ab") == "[a][]"
    assert re.sub("x*", "-", "abxd") == "-a-b--d-"


def test_splitting():
    assert re.split(r"\s*[,;]\s*", "a , b;c") == ["a", "b", "c"]
    assert re.split(r"([,;])", "a,b;c") == ["a", ",", "b", ";", "c"]
    assert re.split(",", "a,b,c", maxsplit=1) == ["a", "b,c"]


def test_flags():
    assert re.search("YES", "oh yes", re.IGNORECASE)
    assert re.findall(r"^\w", "ab\ncd", re.MULTILINE) == ["a", "c"]
    assert re.search("a.b", "a\nb") is None and re.search("a.b", "a\nb", re.DOTALL)
    assert re.fullmatch(
        r"""
        (\d+)   # amount
        \s* EUR
    """,
        "12 EUR",
        re.VERBOSE,
    )
    assert re.search("(?i:yes) please", "YES please") and not re.search("(?i:yes) please", "YES PLEASE")
    assert re.compile("a", re.I | re.M).flags & re.I


def test_text_is_unicode():
    assert re.findall(r"\w+", "Zoë Łódź привет") == ["Zoë", "Łódź", "привет"]
    assert re.findall(r"\w+", "Zoë", re.ASCII) == ["Zo"]
    assert re.search("STRASSE|ÄPFEL", "äpfel", re.I)
    assert re.search(r"\d", "٣")  # ARABIC-INDIC DIGIT THREE
    assert re.search(r"\bпривет\b", "ну, привет!")


def test_greed_looking_around_and_back():
    assert re.search("<.+?>", "<a><b>").group() == "<a>"
    assert re.findall(r"\d+(?= EUR)", "5 USD 7 EUR") == ["7"]
    assert re.findall(r"(?<!-)\b\d+", "-5 7") == ["7"]
    assert re.search(r"\b(\w+) \1\b", "pay pay now").group(1) == "pay"
    assert re.fullmatch(r"(<)?\w+(?(1)>)", "<a>") and not re.fullmatch(r"(<)?\w+(?(1)>)", "<a")


def test_possessive_and_atomic_groups():
    assert re.search("a++b", "aaab") and re.search("a++a", "aaa") is None
    assert re.search("(?>a+)a", "aaa") is None


def test_escape_and_bytes():
    assert re.escape("1.50 (EUR)?") == r"1\.50\ \(EUR\)\?"
    assert re.findall(rb"\d+", b"a1b22") == [b"1", b"22"]
    assert "cannot use a string pattern" in str(raised(TypeError, re.search, "a", b"a"))


def test_a_compiled_pattern():
    pattern = re.compile(r"(?P<n>\d+)")
    assert (pattern.pattern, pattern.groups, dict(pattern.groupindex)) == (r"(?P<n>\d+)", 1, {"n": 1})
    assert pattern.search("a1b2", 2).group() == "2" and pattern.search("a1b2", 0, 1) is None
    assert pattern == re.compile(r"(?P<n>\d+)") and repr(pattern) == r"re.compile('(?P<n>\\d+)')"


def test_a_broken_pattern_says_where():
    error = raised(re.error, re.compile, r"(\d+")
    assert (error.msg, error.pos) == ("missing ), unterminated subpattern", 0)
    raised(re.error, re.compile, "*a")
    raised(re.error, re.sub, "a", r"\9", "a")
    if sys.version_info >= (3, 13):
        assert re.PatternError is re.error


def test_the_edges_of_a_match():
    text = "due 2026-03-10!"
    found = re.search(r"\d{4}", text)
    assert (text[: found.start()], text[found.end() :]) == ("due ", "-03-10!")
    assert found.string is text and found.re.pattern == r"\d{4}" and bool(found)
    if sys.version_info >= (3, 14):
        assert re.search(r"2026\z", "2026") and not re.search(r"2026\z", "2026\n")
