"""unicodedata: names as people write them."""

import sys
import unicodedata as u


def without_marks(text):
    return "".join(c for c in u.normalize("NFKD", text) if not u.combining(c))


def test_normal_forms():
    assert u.normalize("NFC", "Zoe\u0308") == "Zoë" and u.normalize("NFD", "Zoë") == "Zoe\u0308"
    assert u.normalize("NFKC", "ﬁ①Å") == "fi1Å" and u.is_normalized("NFC", "Zoë") and not u.is_normalized("NFD", "Zoë")
    assert u.normalize("NFD", "각") == "\u1100\u1161\u11a8"
    assert without_marks("Zoë Müller, Çağ") == "Zoe Muller, Cag"


def test_names():
    assert u.name("€") == "EURO SIGN" and u.lookup("GREEK SMALL LETTER ALPHA") == "α"
    assert u.name("\x00", "none") == "none"
    assert "\N{SNOWMAN}" == "☃" and u.name("漢") == "CJK UNIFIED IDEOGRAPH-6F22"
    try:
        u.lookup("NO SUCH SIGN")
    except KeyError:
        return
    raise AssertionError("there is no such sign")


def test_properties():
    assert [u.category(c) for c in "aA1 €\n!"] == ["Ll", "Lu", "Nd", "Zs", "Sc", "Cc", "Po"]
    assert u.decimal("٣") == 3 and u.digit("²") == 2 and u.numeric("½") == 0.5
    assert u.bidirectional("א") == "R" and u.east_asian_width("漢") == "W" and u.mirrored("(") == 1
    assert u.decomposition("é") == "0065 0301"


def test_the_version():
    if sys.version_info >= (3, 14):
        assert u.unidata_version == "16.0.0"
    assert u.ucd_3_2_0.unidata_version == "3.2.0"
