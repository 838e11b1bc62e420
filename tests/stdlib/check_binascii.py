"""binascii"""

import binascii as b


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_hexadecimal():
    assert b.hexlify(b"\x00\xfe") == b"00fe" and b.unhexlify("00FE") == b"\x00\xfe"
    assert b.b2a_hex(b"\x01\x02\x03\x04", "-", 2) == b"0102-0304"
    raised(b.Error, b.unhexlify, "abc")
    raised(b.Error, b.unhexlify, "zz")


def test_checksums():
    assert b.crc32(b"123456789") == 0xCBF43926 and b.crc_hqx(b"123456789", 0) == 0x31C3
    assert b.crc32(b"56789", b.crc32(b"1234")) == 0xCBF43926


def test_base64():
    assert b.b2a_base64(b"hi") == b"aGk=\n" and b.b2a_base64(b"hi", newline=False) == b"aGk="
    assert b.a2b_base64("aGk=") == b"hi" and b.a2b_base64("a-Gk=") == b"hi"
    raised(b.Error, b.a2b_base64, "a-Gk=", strict_mode=True)
    assert issubclass(b.Error, ValueError)


def test_mail_encodings():
    assert b.b2a_qp("Zoë=".encode()) == b"Zo=C3=AB=3D" and b.a2b_qp(b"Zo=C3=AB=\n!") == "Zoë!".encode()
    assert b.b2a_uu(b"Cat") == b"#0V%T\n" and b.a2b_uu(b"#0V%T\n") == b"Cat"
