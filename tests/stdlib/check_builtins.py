"""The built-in functions: those that the sandbox replaces, and numbers on 32 bits."""

import builtins
import io
import sys

IN_SANDBOX = sys.platform == "wasi"


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_print_to_a_stream_of_ones_own():
    stream = io.StringIO()
    print("a", 1, None, sep=", ", end="!\n", file=stream)
    print(file=stream)
    print("b", sep=None, end=None, file=stream, flush=True)
    assert stream.getvalue() == "a, 1, None!\n\nb\n"
    raised(TypeError, print, "a", seperator=" ")


def test_evaluating_text():
    assert eval("a + 1", {"a": 2}) == 3 and eval(compile("1 if True else 2", "rule", "eval")) == 1
    names = {}
    exec("def double(n): return n * 2", names)
    assert names["double"](4) == 8
    raised(SyntaxError, eval, "1 +")


def test_great_numbers():
    assert 2**100 == 1267650600228229401496703205376 and hash(2**100) == hash(2**100) and int("7" * 4000) % 10 == 7
    assert round(2.5) == 2 and round(-1.005, 2) == -1.0 and divmod(-7, 2) == (-4, 1) and pow(3, -1, 7) == 5
    assert int.from_bytes(b"\xff\x00") == 65280 and (300).to_bytes(2, "little") == b",\x01" and (5).bit_count() == 2
    raised(ValueError, int, "7" * 5000)


def test_dividing_very_great_numbers():
    # FINDING: by more than some 2,700 digits a division imports _pylong late, which is not in the runtime.
    assert 10**6000 // 10**3000 == 10**3000


def test_text():
    assert "ß".upper() == "SS" and "İ".lower() == "i̇" and "Straße".casefold() == "strasse" and "ǆ".title() == "ǅ"
    assert f"{1234567.891:,.2f} {255:#x} {'x':^5} {0.256:.1%} {1e10:g}" == "1,234,567.89 0xff   x   25.6% 1e+10"
    assert "a,b".partition(",") == ("a", ",", "b") and "x".zfill(3) == "00x" and "abc".removeprefix("a") == "bc"


if IN_SANDBOX:

    def test_what_is_not_there_says_so():
        assert "a strategy has no file system" in str(raised(FileNotFoundError, open, "a.txt"))
        assert (
            str(raised(OSError, input, "name?"))
            == "a strategy cannot ask for input: the contact's answers come as messages"
        )
        for leave in (exit, quit):
            assert str(raised(RuntimeError, leave)) == "end a strategy with `return contact`, or raise an exception"
        assert str(raised(RuntimeError, breakpoint)) == "there is no debugger in the strategy runtime: use logger.debug"
        assert not hasattr(builtins, "help") and not hasattr(builtins, "copyright")

    def test_missing_modules_say_what_to_use_instead():
        for name, advice in (
            ("requests", "from stratagem import http"),
            ("numpy", "native code"),
            ("pytz", "zoneinfo.ZoneInfo"),
        ):
            error = raised(ModuleNotFoundError, __import__, name)
            assert advice in str(error) and error.name == name
        error = raised(ModuleNotFoundError, __import__, "sqlite3")
        assert str(error).startswith("No module named 'sqlite3' in the strategy runtime: a strategy has no file system")
        error = raised(ModuleNotFoundError, __import__, "curses")
        assert (
            str(error) == "No module named 'curses': this part of the standard library is not in the strategy runtime"
        )
        assert str(raised(ModuleNotFoundError, __import__, "nonsense")) == "No module named 'nonsense'"

    def test_sizes_are_those_of_32_bits():
        raised(OverflowError, len, range(2**31))
        raised(OverflowError, lambda: "a" * 2**31)
        assert -(2**31) <= hash("text") < 2**31 and hash(2**31 - 1) == 0
