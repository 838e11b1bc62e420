"""base64"""

import base64 as b
import binascii
import sys


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_base64():
    assert b.b64encode(b"user:pass") == b"dXNlcjpwYXNz" and b.b64decode("dXNlcjpwYXNz") == b"user:pass"
    assert b.urlsafe_b64encode(b"\xfb\xff\xfe") == b"-__-" and b.urlsafe_b64decode("-__-") == b"\xfb\xff\xfe"
    assert b.b64encode(b"\xfb\xff", altchars=b"-_") == b"-_8=" and b.standard_b64decode(b"+/8=") == b"\xfb\xff"
    assert b.b64decode("dXNl\ncjpw YXNz") == b"user:pass"
    raised(binascii.Error, b.b64decode, "dXNlcjpwYXN")
    raised(binascii.Error, b.b64decode, "dXNl!", validate=True)


def test_other_bases():
    assert b.b32encode(b"foobar") == b"MZXW6YTBOI======" and b.b32decode("mzxw6ytboi======", casefold=True) == b"foobar"
    assert b.b32hexencode(b"foobar") == b"CPNMUOJ1E8======"
    assert b.b32decode("MZXW0YTB", map01="I") == b.b32decode("MZXWOYTB")
    assert b.b16encode(b"\x01\xab") == b"01AB" and b.b16decode("01ab", True) == b"\x01\xab"
    raised(binascii.Error, b.b16decode, "01ab")


def test_base85():
    assert b.a85encode(b"Man ") == b"9jqo^" and b.a85decode(b"<~9jqo^~>", adobe=True) == b"Man "
    assert b.a85encode(b"\0\0\0\0") == b"z" and b.b85encode(b"hello") == b"Xk~0{Zv"
    assert b.b85decode("Xk~0{Zv") == b"hello"
    if sys.version_info >= (3, 13):
        assert b.z85encode(bytes.fromhex("864fd26fb559f75b")) == b"HelloWorld"
        assert b.z85decode(b"HelloWorld")[:1] == b"\x86"


def test_lines():
    assert b.encodebytes(b"x" * 60).count(b"\n") == 2 and b.decodebytes(b"eHh4\neA==\n") == b"xxxx"
