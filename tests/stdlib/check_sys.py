"""sys: what it says about the sandbox."""

import sys

IN_SANDBOX = sys.platform == "wasi"


def test_the_interpreter():
    assert sys.version_info >= (3, 11) and sys.implementation.name == "cpython" and sys.byteorder == "little"
    assert sys.maxunicode == 0x10FFFF and sys.float_info.mant_dig == 53 and sys.getdefaultencoding() == "utf-8"
    assert sys.hexversion >> 16 == sys.version_info[0] << 8 | sys.version_info[1]


def test_the_exception_at_hand():
    try:
        1 / 0
    except ZeroDivisionError as error:
        kind, value, traceback = sys.exc_info()
        assert kind is ZeroDivisionError and value is error is sys.exception() and traceback is error.__traceback__
    assert sys.exc_info() == (None, None, None)


def test_leaving_is_an_exception():
    try:
        sys.exit("done")
    except SystemExit as end:
        assert end.code == "done"
    else:
        raise AssertionError("nothing was raised")


def test_objects():
    assert sys.intern("a b") is sys.intern("a" + " b") and sys.getrefcount(object()) >= 1 and sys.getsizeof([]) > 0
    assert sys._getframe().f_code.co_name == "test_objects" and sys.modules["sys"] is sys


def test_recursion_ends():
    def deeper():
        deeper()

    try:
        deeper()
    except RecursionError:
        return
    raise AssertionError("it never ends")


if IN_SANDBOX:

    def test_it_is_python_3_14_on_32_bits():
        assert sys.platform == "wasi" and sys.version_info[:2] == (3, 14) and sys.maxsize == 2**31 - 1
        assert sys.hash_info.width == 32 and sys._is_gil_enabled()

    def test_there_is_no_outside():
        assert sys.argv == [] and sys.path == [] and sys.executable == "" and sys.stdin.read() == ""

    def test_recursion_has_a_fixed_limit():
        sys.setrecursionlimit(100_000)
        assert sys.getrecursionlimit() == 1000
        sys.setrecursionlimit(500)
        assert sys.getrecursionlimit() == 500
        sys.setrecursionlimit(1000)

    def test_output_goes_to_the_log():
        for stream in (sys.stdout, sys.stderr, sys.__stdout__):
            assert stream.writable() and stream.encoding == "utf-8" and not stream.isatty() and stream.write("") == 0
            try:
                stream.write(b"bytes")
            except TypeError:
                continue
            raise AssertionError("bytes are no text")
