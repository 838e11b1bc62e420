"""locale: there is only "C", whatever is asked for."""

import locale
import sys

IN_SANDBOX = sys.platform == "wasi"


def test_the_c_locale():
    assert locale.setlocale(locale.LC_NUMERIC, "C") == "C"
    assert locale.localeconv()["decimal_point"] == "." and locale.atof("1234.5") == 1234.5 and locale.atoi("12") == 12
    assert locale.format_string("%d %.2f", (1234567, 0.5), grouping=True) == "1234567 0.50" and locale.str(1.5) == "1.5"
    assert sorted("bAa", key=locale.strxfrm) == ["A", "a", "b"] and locale.strcoll("a", "b") < 0
    assert f"{1234.5:n}" == "1234.5" and locale.normalize("de_DE") == "de_DE.ISO8859-1"


if IN_SANDBOX:

    def test_other_locales_change_nothing():
        locale.setlocale(locale.LC_ALL, "de_DE.UTF-8")
        assert locale.localeconv()["decimal_point"] == "." and f"{1234.5:n}" == "1234.5"
        locale.setlocale(locale.LC_ALL, "C")
        assert locale.getpreferredencoding() == "UTF-8"
