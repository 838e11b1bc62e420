"""json: what HTTP bodies and a contact's params go through."""

import io
import json
import sys
from datetime import datetime
from decimal import Decimal


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_a_document_comes_back_as_it_was():
    document = {"name": "Jane", "debts": [12.5, 0, -3], "open": True, "note": None, "nested": {"deep": [[]]}}
    assert json.loads(json.dumps(document)) == document


def test_layout_is_the_callers():
    assert json.dumps({"b": 1, "a": [2, 3]}) == '{"b": 1, "a": [2, 3]}'
    assert json.dumps({"b": 1, "a": [2, 3]}, sort_keys=True, separators=(",", ":")) == '{"a":[2,3],"b":1}'
    assert json.dumps({"a": [1, {}]}, indent=2) == '{\n  "a": [\n    1,\n    {}\n  ]\n}'


def test_text_is_escaped_or_kept():
    assert json.dumps('Zoë €\n"\\\x00') == '"Zo\\u00eb \\u20ac\\n\\"\\\\\\u0000"'
    assert json.dumps("Zoë 🙂", ensure_ascii=False) == '"Zoë 🙂"'
    assert json.dumps("🙂") == '"\\ud83d\\ude42"'
    assert json.loads('"\\ud83d\\ude42 \\/ \\t"') == "🙂 / \t"


def test_bytes_are_decoded_by_their_looks():
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"):
        assert json.loads('{"ü": 1}'.encode(encoding)) == {"ü": 1}, encoding


def test_keys_become_text():
    assert json.dumps({2: "a", None: "b", True: "c", 1.5: "d"}) == '{"2": "a", "null": "b", "true": "c", "1.5": "d"}'
    assert json.dumps({(1, 2): "a", "b": 2}, skipkeys=True) == '{"b": 2}'
    assert "keys must be str" in str(raised(TypeError, json.dumps, {(1, 2): "a"}))
    assert json.loads('{"a": 1, "a": 2}') == {"a": 2}


def test_numbers_keep_their_type():
    assert json.loads("[1, 1.0, 1e2, -0]") == [1, 1.0, 100.0, 0]
    assert [type(n) for n in json.loads("[1, 1.0, 1e2]")] == [int, float, float]
    assert json.loads(str(10**40)) == 10**40
    assert json.loads("[19.99, 7]", parse_float=Decimal, parse_int=str) == [Decimal("19.99"), "7"]
    assert json.dumps([0.1, 1e100, 1e-7]) == "[0.1, 1e+100, 1e-07]"


def test_what_is_no_number_is_written_unless_forbidden():
    assert json.dumps([float("nan"), float("inf"), -float("inf")]) == "[NaN, Infinity, -Infinity]"
    raised(ValueError, json.dumps, float("nan"), allow_nan=False)
    assert json.loads("[Infinity]") == [float("inf")]
    assert json.loads("[NaN]", parse_constant=lambda name: name.lower()) == ["nan"]


def test_other_types_need_a_default():
    error = raised(TypeError, json.dumps, {"at": datetime(2026, 3, 10)})
    assert str(error) == "Object of type datetime is not JSON serializable"
    if sys.version_info >= (3, 14):
        assert error.__notes__ == ["when serializing dict item 'at'"]
    assert json.dumps({"at": datetime(2026, 3, 10)}, default=str) == '{"at": "2026-03-10 00:00:00"}'

    class Encoder(json.JSONEncoder):
        def default(self, o):
            return sorted(o) if isinstance(o, set) else super().default(o)

    assert json.dumps({3, 1, 2}, cls=Encoder) == "[1, 2, 3]"


def test_hooks_see_each_object():
    assert json.loads('{"a": {"b": 1}}', object_hook=lambda d: sorted(d)) == ["a"]
    assert json.loads('{"a": 1, "a": 2}', object_pairs_hook=list) == [("a", 1), ("a", 2)]


def test_an_error_says_where():
    error = raised(json.JSONDecodeError, json.loads, '{"a": 1,\n "b": }')
    assert (error.lineno, error.colno, error.pos) == (2, 7, 15)
    assert str(error) == "Expecting value: line 2 column 7 (char 15)"
    assert isinstance(error, ValueError)
    if sys.version_info >= (3, 13):
        assert raised(json.JSONDecodeError, json.loads, "[1,]").msg == "Illegal trailing comma before end of array"
    for broken in ("", "{", "[1 2]", "nul", "'a'", '"\n"', "1 2", '{"a" 1}'):
        raised(json.JSONDecodeError, json.loads, broken)


def test_a_circle_is_an_error_and_depth_is_none():
    circle = []
    circle.append(circle)
    assert str(raised(ValueError, json.dumps, circle)) == "Circular reference detected"
    depth = 300
    deep = json.loads("[" * depth + "]" * depth)
    assert json.dumps(deep) == "[" * depth + "]" * depth


def test_streams_and_pieces():
    stream = io.StringIO()
    json.dump({"a": 1}, stream)
    stream.seek(0)
    assert json.load(stream) == {"a": 1}
    assert json.JSONDecoder().raw_decode('{"a": 1} and more') == ({"a": 1}, 8)
    assert "".join(json.JSONEncoder().iterencode([1, {"a": None}])) == '[1, {"a": null}]'
