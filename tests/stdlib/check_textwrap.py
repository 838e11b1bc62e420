"""textwrap"""

import textwrap

TEXT = "The quick brown fox jumps over the lazy dog."


def test_wrapping():
    assert textwrap.wrap(TEXT, 16) == ["The quick brown", "fox jumps over", "the lazy dog."]
    assert textwrap.fill("a b c", 3, initial_indent="* ", subsequent_indent="  ") == "* a\n  b\n  c"
    assert textwrap.wrap("abcdefgh", 3) == ["abc", "def", "gh"]
    assert textwrap.wrap("abcdefgh", 3, break_long_words=False) == ["abcdefgh"]
    assert textwrap.wrap("pay-as-you-go", 8, break_on_hyphens=False) == ["pay-as-y", "ou-go"]
    assert textwrap.wrap(TEXT, 16, max_lines=2, placeholder=" …") == ["The quick brown", "fox jumps over …"]


def test_shortening():
    assert textwrap.shorten("  Hello   dear world! ", width=14) == "Hello [...]"
    assert textwrap.shorten("Hello world", width=7, placeholder="…") == "Hello…"
    assert textwrap.shorten("Hello  world", width=20) == "Hello world"


def test_indentation():
    assert textwrap.dedent("    a\n      b\n\n    c") == "a\n  b\n\nc"
    assert textwrap.indent("a\n\nb\n", "> ") == "> a\n\n> b\n"
    assert textwrap.indent("a\n\nb", "+", lambda line: True) == "+a\n+\n+b"


def test_a_wrapper_keeps_its_settings():
    wrapper = textwrap.TextWrapper(width=10, replace_whitespace=False, drop_whitespace=True)
    assert wrapper.wrap("one two three") == ["one two", "three"] and wrapper.fill("") == ""
