"""linecache"""

import linecache


def test_lines():
    linecache.cache["rules.txt"] = (8, None, ["one\n", "two\n"], "rules.txt")
    assert linecache.getline("rules.txt", 2) == "two\n" and linecache.getline("rules.txt", 9) == ""
    assert linecache.getlines("rules.txt") == ["one\n", "two\n"] and linecache.getline("no-such-file", 1) == ""
    linecache.checkcache("rules.txt")
    assert linecache.getline("rules.txt", 1) == "one\n"


def test_ones_own_lines():
    assert (
        linecache.getline(__file__, 1) == '"""linecache"""\n'
        and linecache.getlines(__file__)[2] == "import linecache\n"
    )
