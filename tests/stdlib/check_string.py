"""string"""

import string
from string import Formatter, Template


def test_constants():
    assert string.ascii_lowercase == "abcdefghijklmnopqrstuvwxyz" and string.digits == "0123456789"
    assert len(string.punctuation) == 32 and len(string.printable) == 100 and "\x0b" in string.whitespace


def test_templates():
    letter = Template("Dear $name, you owe ${amount}$currency. $$5 fee.")
    assert letter.substitute(name="Jane", amount=12, currency=" EUR") == "Dear Jane, you owe 12 EUR. $5 fee."
    assert letter.safe_substitute({"name": "Jane"}) == "Dear Jane, you owe ${amount}$currency. $5 fee."
    assert letter.get_identifiers() == ["name", "amount", "currency"] and letter.is_valid()
    for broken, error in ((Template("$who"), KeyError), (Template("100 $"), ValueError)):
        try:
            broken.substitute(name="a")
        except error:
            continue
        raise AssertionError("nothing was raised")


def test_a_template_with_other_marks():
    class Percent(Template):
        delimiter = "%"

    assert Percent("%name has $5").substitute(name="Jane") == "Jane has $5"


def test_formatter():
    assert Formatter().vformat("{0} {n!r:>4}", ("a",), {"n": "b"}) == "a  'b'"
    assert list(Formatter().parse("Hi {name!r:>5}!")) == [("Hi ", "name", ">5", "r"), ("!", None, None, None)]

    class Forgiving(Formatter):
        def get_value(self, key, args, kwargs):
            return kwargs.get(key, f"<{key}>")

    assert Forgiving().format("{a} {b}", a=1) == "1 <b>"


def test_capwords():
    assert string.capwords("jane  o'neil-smith") == "Jane O'neil-smith"
