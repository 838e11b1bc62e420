"""shlex"""

import shlex


def test_splitting():
    assert shlex.split("say 'Hello there' --to=\"Zoë S\" # now", comments=True) == ["say", "Hello there", "--to=Zoë S"]
    assert shlex.split(r"a\ b 'c\d'") == ["a b", r"c\d"] and shlex.split("a 'b'c", posix=False) == ["a", "'b'", "c"]
    try:
        shlex.split("open 'quote")
    except ValueError as error:
        assert str(error) == "No closing quotation"
    else:
        raise AssertionError("the quote is not closed")


def test_joining():
    assert shlex.quote("it's") == "'it'\"'\"'s'" and shlex.quote("") == "''" and shlex.quote("safe-1") == "safe-1"
    assert shlex.split(shlex.join(["a b", "c'd", ""])) == ["a b", "c'd", ""]


def test_words_and_signs():
    lexer = shlex.shlex("a&&b; c", punctuation_chars=True)
    assert list(lexer) == ["a", "&&", "b", ";", "c"]
