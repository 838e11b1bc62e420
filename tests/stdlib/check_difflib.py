"""difflib"""

import difflib

BEFORE = ["one\n", "two\n", "three\n"]
AFTER = ["one\n", "2\n", "three\n", "four\n"]


def test_how_alike():
    matcher = difflib.SequenceMatcher(None, "promise to pay", "promised to pay")
    assert round(matcher.ratio(), 4) == 0.9655 and matcher.quick_ratio() >= matcher.ratio()
    assert matcher.find_longest_match().size == 7
    assert difflib.SequenceMatcher(None, "abxcd", "abcd").get_opcodes() == \
        [("equal", 0, 2, 0, 2), ("delete", 2, 3, 2, 2), ("equal", 3, 5, 2, 4)]  # fmt: skip
    assert difflib.SequenceMatcher(lambda c: c == " ", "a b", "a  b").ratio() > 0.8


def test_the_nearest_word():
    words = ["yes", "no", "later", "never"]
    assert difflib.get_close_matches("latter", words) == ["later"] and difflib.get_close_matches("xyz", words) == []
    assert difflib.get_close_matches("nver", words, n=1, cutoff=0.5) == ["never"]


def test_differences_as_text():
    assert "".join(difflib.unified_diff(BEFORE, AFTER, "a", "b", n=0)) == \
        "--- a\n+++ b\n@@ -2 +2 @@\n-two\n+2\n@@ -3,0 +4 @@\n+four\n"  # fmt: skip
    assert "".join(difflib.context_diff(BEFORE, AFTER)).startswith("*** \n--- \n***************\n")
    delta = list(difflib.ndiff(BEFORE, AFTER))
    assert delta == ["  one\n", "- two\n", "+ 2\n", "  three\n", "+ four\n"]
    assert list(difflib.restore(delta, 1)) == BEFORE and list(difflib.restore(delta, 2)) == AFTER


def test_differences_as_html():
    table = difflib.HtmlDiff().make_table(BEFORE, AFTER)
    assert '<span class="diff_sub">two</span>' in table and '<span class="diff_add">four</span>' in table
