"""hashlib: every algorithm that is in the sandbox, over the text that the standards use."""

import hashlib
import io
import sys

IN_SANDBOX = sys.platform == "wasi"

OF_ABC = {
    "md5": "900150983cd24fb0d6963f7d28e17f72",
    "sha1": "a9993e364706816aba3e25717850c26c9cd0d89d",
    "sha224": "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
    "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "sha384": "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    "sha512": "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "sha3_224": "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf",
    "sha3_256": "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
    "sha3_384": "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25",
    "sha3_512": "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
    "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
    "blake2b": "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
    "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
    "blake2s": "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
}
SHAKE_OF_ABC = {"shake_128": "5881092dd818bf5cf8a3ddb793fbcba7", "shake_256": "483366601360a8771c6863080cc4114d"}


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_known_digests():
    for name, digest in OF_ABC.items():
        assert getattr(hashlib, name)(b"abc").hexdigest() == digest, name
        assert hashlib.new(name, b"abc").digest() == bytes.fromhex(digest), name
    for name, digest in SHAKE_OF_ABC.items():
        assert hashlib.new(name, b"abc").hexdigest(16) == digest, name
    assert hashlib.algorithms_guaranteed == set(OF_ABC) | set(SHAKE_OF_ABC) <= hashlib.algorithms_available


def test_text_in_pieces():
    whole = hashlib.sha256()
    whole.update(b"a")
    copy = whole.copy()
    whole.update(memoryview(b"bc"))
    copy.update(b"x")
    assert whole.hexdigest() == OF_ABC["sha256"] != copy.hexdigest()
    assert (whole.name, whole.digest_size, whole.block_size) == ("sha256", 32, 64)


def test_blake2_with_its_settings():
    keyed = hashlib.blake2b(b"abc", digest_size=16, key=b"secret", salt=b"salt", person=b"campaign")
    assert keyed.digest_size == 16 and keyed.digest() != hashlib.blake2b(b"abc", digest_size=16).digest()
    assert hashlib.blake2s(b"", digest_size=4).hexdigest() == "36e9d246"
    raised(ValueError, hashlib.blake2s, digest_size=33)


def test_a_stream():
    assert hashlib.file_digest(io.BytesIO(b"abc"), "sha1").hexdigest() == OF_ABC["sha1"]


def test_long_input():
    million = hashlib.sha1()
    for _ in range(100):
        million.update(b"a" * 1000)
    assert million.hexdigest() == hashlib.sha1(b"a" * 100_000).hexdigest()


def test_what_cannot_be_hashed():
    raised(TypeError, hashlib.md5, "text")
    raised(ValueError, hashlib.new, "md99")
    assert hashlib.md5(b"", usedforsecurity=False).hexdigest() == "d41d8cd98f00b204e9800998ecf8427e"


if IN_SANDBOX:

    def test_what_needs_openssl_is_not_there():
        assert not hasattr(hashlib, "scrypt") and not hasattr(hashlib, "pbkdf2_hmac")
        assert hashlib.algorithms_available == hashlib.algorithms_guaranteed
        raised(ValueError, hashlib.new, "ripemd160")
