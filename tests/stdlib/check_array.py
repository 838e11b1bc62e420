"""array"""

import sys
from array import array, typecodes

IN_SANDBOX = sys.platform == "wasi"


def test_it_is_a_compact_list():
    days = array("h", [1, 2, 3])
    days.append(4)
    days.extend([5])
    days.insert(0, 0)
    assert days == array("h", range(6)) and days[1:3].tolist() == [1, 2] and days.pop() == 5 and days.index(3) == 3
    assert repr(days) == "array('h', [0, 1, 2, 3, 4])" and sum(days) == 10 and days.count(2) == 1
    for wrong, error in ((40_000, OverflowError), ("a", TypeError)):
        try:
            days.append(wrong)
        except error:
            continue
        raise AssertionError("it does not fit")


def test_bytes():
    numbers = array("I", [1, 256])
    assert numbers.tobytes() == b"\x01\x00\x00\x00\x00\x01\x00\x00" and numbers.itemsize == 4
    numbers.byteswap()
    assert numbers[0] == 1 << 24
    again = array("d")
    again.frombytes(array("d", [1.5, -2.0]).tobytes())
    assert list(again) == [1.5, -2.0] and memoryview(again).format == "d"


def test_text_and_kinds():
    assert set("bBhHiIlLqQfd") <= set(typecodes)
    if sys.version_info >= (3, 13):
        assert array("w", "Zoë€").tounicode() == "Zoë€"


if IN_SANDBOX:

    def test_a_long_has_32_bits():
        assert array("l").itemsize == 4 and array("q").itemsize == 8
