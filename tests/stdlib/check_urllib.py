"""urllib: the package. What strategies use of it is in urllib.parse; there is no urllib.request."""

import sys
import urllib.error
import urllib.parse

IN_SANDBOX = sys.platform == "wasi"


def test_its_parts_are_attributes():
    assert urllib.parse.quote("a b") == "a%20b" and issubclass(urllib.error.URLError, OSError)


if IN_SANDBOX:

    def test_it_does_not_fetch():
        for name in ("urllib.request", "urllib.robotparser"):
            try:
                __import__(name)
            except ModuleNotFoundError as error:
                assert error.name == name and "not in the strategy runtime" in str(error)
                continue
            raise AssertionError(name)
