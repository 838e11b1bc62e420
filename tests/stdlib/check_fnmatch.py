"""fnmatch"""

import fnmatch
import re
import sys


def test_patterns():
    assert fnmatch.fnmatch("rate.pdf", "*.pdf") and fnmatch.fnmatchcase("a1", "[a-c]?")
    assert not fnmatch.fnmatchcase("A1", "[!A]?")
    assert not fnmatch.fnmatchcase("RATE.PDF", "*.pdf") and fnmatch.fnmatch("a/b", "*")
    assert fnmatch.filter(["a.py", "b.txt", "c.py"], "*.py") == ["a.py", "c.py"]
    assert re.fullmatch(fnmatch.translate("a*[0-9]"), "abc7")


def test_the_others():
    if sys.version_info >= (3, 14):
        assert fnmatch.filterfalse(["a.py", "b.txt"], "*.py") == ["b.txt"]
