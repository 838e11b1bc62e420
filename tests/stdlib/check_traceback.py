"""traceback"""

import io
import sys
import traceback


def fail(text="no amount"):
    raise ValueError(text)


def caught(call):
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def chained():
    try:
        fail()
    except ValueError as error:
        raise KeyError("debt") from error


def test_text_of_an_exception():
    text = "".join(traceback.format_exception(caught(fail)))
    assert text.startswith("Traceback (most recent call last):\n") and text.endswith("ValueError: no amount\n")
    assert ", in fail\n    raise ValueError(text)\n" in text
    assert traceback.format_exception_only(caught(fail)) == ["ValueError: no amount\n"]


def test_within_except():
    try:
        fail()
    except ValueError:
        assert traceback.format_exc().endswith("ValueError: no amount\n")
        stream = io.StringIO()
        traceback.print_exc(file=stream)
        assert stream.getvalue() == traceback.format_exc()
    assert traceback.format_exc() == "NoneType: None\n"


def test_frames():
    frames = traceback.extract_tb(caught(fail).__traceback__)
    assert [frame.name for frame in frames] == ["caught", "fail"] and frames[-1].line == "raise ValueError(text)"
    assert frames[-1].lineno == fail.__code__.co_firstlineno + 1
    assert traceback.extract_stack()[-1].name == "test_frames"
    assert "in fail" in traceback.format_list(frames)[-1]
    assert [frame.f_code.co_name for frame, _ in traceback.walk_tb(caught(fail).__traceback__)] == ["caught", "fail"]


def test_causes_and_contexts():
    text = "".join(traceback.format_exception(caught(chained)))
    assert (
        text.index("ValueError: no amount")
        < text.index("direct cause of the following")
        < text.index("KeyError: 'debt'")
    )
    assert "ValueError" not in "".join(traceback.format_exception(caught(chained), chain=False))
    summary = traceback.TracebackException.from_exception(caught(chained))
    assert str(summary.__cause__) == "no amount" and list(summary.format_exception_only()) == ["KeyError: 'debt'\n"]


def test_notes_and_groups():
    error = ValueError("bad")
    error.add_note("row 7")
    assert traceback.format_exception_only(error) == ["ValueError: bad\n", "row 7\n"]
    group = ExceptionGroup("two", [ValueError("a"), KeyError("b")])
    text = "".join(traceback.format_exception(group))
    assert "ExceptionGroup: two (2 sub-exceptions)" in text and "| KeyError: 'b'" in text


if sys.version_info >= (3, 12):

    def test_did_you_mean():
        def misspelt():
            amount = 5
            return amonut  # noqa: F821

        def wrong_attribute():
            return "a".uper()

        last = traceback.format_exception(caught(misspelt))[-1]
        assert last == "NameError: name 'amonut' is not defined. Did you mean: 'amount'?\n"
        last = traceback.format_exception(caught(wrong_attribute))[-1]
        assert last == "AttributeError: 'str' object has no attribute 'uper'. Did you mean: 'upper'?\n"


def test_a_syntax_error_points_at_its_place():
    error = caught(lambda: compile("x = (1,\n", "note.py", "exec"))
    text = "".join(traceback.format_exception_only(error))
    assert '  File "note.py", line 1\n    x = (1,\n        ^\n' in text and text.endswith("'(' was never closed\n")


def test_carets_under_the_part_that_failed():
    row = {}
    text = "".join(traceback.format_exception(caught(lambda: len([1]) + row["amount"])))
    assert "~~~^^^^^^^^^^" in text


def test_files_are_named():
    assert traceback.extract_tb(caught(fail).__traceback__)[-1].filename == __file__
