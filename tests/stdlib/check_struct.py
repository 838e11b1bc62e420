"""struct"""

import struct
import sys

IN_SANDBOX = sys.platform == "wasi"


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_byte_orders():
    assert struct.pack(">IhB", 1, -2, 255) == b"\x00\x00\x00\x01\xff\xfe\xff"
    assert struct.pack("<IhB", 1, -2, 255) == b"\x01\x00\x00\x00\xfe\xff\xff" and struct.pack("!H", 1) == b"\x00\x01"
    assert struct.unpack("<q", b"\xff" * 8) == (-1,) and sys.byteorder == "little"


def test_floats_text_and_flags():
    assert struct.pack(">d", 1.5) == b"\x3f\xf8" + bytes(6) and struct.unpack("<f", struct.pack("<f", 0.25)) == (0.25,)
    assert struct.pack("<e", 1.0) == b"\x00\x3c"
    assert struct.pack("4s2sx?c", b"ab", b"xyz", True, b"!") == b"ab\x00\x00xy\x00\x01!"
    assert struct.unpack("3p", b"\x02ab") == (b"ab",)


def test_many_at_once():
    record = struct.Struct("<hI")
    assert record.size == 6 and list(record.iter_unpack(record.pack(1, 2) + record.pack(3, 4))) == [(1, 2), (3, 4)]
    buffer = bytearray(8)
    record.pack_into(buffer, 2, -1, 7)
    assert record.unpack_from(buffer, 2) == (-1, 7) and record.format == "<hI"


def test_sizes():
    assert [struct.calcsize(f"={code}") for code in "bhilqfd"] == [1, 2, 4, 4, 8, 4, 8]
    assert struct.calcsize("bI") == 8 and struct.calcsize("<bI") == 5


def test_what_does_not_fit():
    raised(struct.error, struct.pack, "<B", 256)
    raised(struct.error, struct.unpack, "<I", b"abc")
    raised(struct.error, struct.pack, "<I", "1")
    raised(struct.error, struct.calcsize, "y")


if IN_SANDBOX:

    def test_native_sizes_are_those_of_32_bits():
        assert [struct.calcsize(code) for code in "lLPnN"] == [4, 4, 4, 4, 4] and struct.calcsize("q") == 8
