"""hmac: signatures of web hooks. Values of RFC 4231, test case 2."""

import hashlib
import hmac

KEY, TEXT = b"Jefe", b"what do ya want for nothing?"
SHA256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
SHA512 = (
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
    "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
)


def test_known_values():
    assert hmac.new(KEY, TEXT, "sha256").hexdigest() == SHA256 == hmac.digest(KEY, TEXT, "sha256").hex()
    assert hmac.new(KEY, TEXT, hashlib.sha512).hexdigest() == SHA512
    assert hmac.new(KEY, TEXT, "md5").hexdigest() == "750c783e6ab0b503eaa86e310a5db738"
    assert hmac.new(KEY, TEXT, "sha1").hexdigest() == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    assert (
        hmac.digest(KEY, TEXT, "sha3_256").hex() == "c7d4072e788877ae3596bbb0da73b887c9171f93095b294ae857fbe2645e1ba5"
    )


def test_in_pieces():
    signature = hmac.new(KEY, digestmod="sha256")
    for piece in (TEXT[:5], TEXT[5:]):
        signature.update(piece)
    assert signature.copy().digest() == bytes.fromhex(SHA256) and signature.name == "hmac-sha256"
    assert (signature.digest_size, signature.block_size) == (32, 64)


def test_a_long_key():
    assert hmac.new(b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First", "sha256").hexdigest() == \
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"  # fmt: skip


def test_comparing_in_constant_time():
    assert hmac.compare_digest(SHA256, SHA256) and not hmac.compare_digest(b"a", b"b")
    for wrong in (
        lambda: hmac.compare_digest("ü", "ü"),
        lambda: hmac.compare_digest("a", b"a"),
        lambda: hmac.new(KEY, TEXT),
    ):
        try:
            wrong()
        except TypeError:
            continue
        raise AssertionError("nothing was raised")
