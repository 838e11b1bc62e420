"""tokenize"""

import io
import token
import tokenize

SOURCE = "def f(x):\n    return x + 1  # plus\n"


def test_tokens():
    tokens = list(tokenize.generate_tokens(io.StringIO(SOURCE).readline))
    assert [t.string for t in tokens[:5]] == ["def", "f", "(", "x", ")"] and tokens[0].type == token.NAME
    plus = next(t for t in tokens if t.string == "+")
    assert (plus.type, plus.exact_type, plus.start, plus.line) == (
        token.OP,
        token.PLUS,
        (2, 13),
        "    return x + 1  # plus\n",
    )
    assert [t.string for t in tokens if t.type == tokenize.COMMENT] == ["# plus"] and tokens[-1].type == token.ENDMARKER


def test_bytes_and_encodings():
    tokens = list(tokenize.tokenize(io.BytesIO(b"# coding: latin-1\nx = '\xe9'\n").readline))
    assert tokens[0].string == "iso-8859-1" and "'é'" in [t.string for t in tokens]
    assert tokenize.detect_encoding(io.BytesIO(b"\xef\xbb\xbfx").readline)[0] == "utf-8-sig"


def test_back_to_source():
    assert tokenize.untokenize(tokenize.generate_tokens(io.StringIO(SOURCE).readline)) == SOURCE
    assert tokenize.untokenize([(token.NAME, "x"), (token.OP, "="), (token.NUMBER, "1")]) == "x =1 "


def test_broken_source():
    try:
        list(tokenize.generate_tokens(io.StringIO("x = (1,\n").readline))
    except tokenize.TokenError as error:
        assert "multi-line statement" in error.args[0]
    else:
        raise AssertionError("the bracket is not closed")
