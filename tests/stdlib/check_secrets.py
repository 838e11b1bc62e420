"""secrets: in the sandbox from the run's seed, so that a run can be repeated."""

import secrets
import string


def test_tokens():
    assert len(secrets.token_bytes(20)) == 20 and len(secrets.token_bytes()) == 32
    assert len(secrets.token_hex(8)) == 16 and set(secrets.token_hex(50)) <= set(string.hexdigits)
    assert len(secrets.token_urlsafe(16)) == 22
    assert set(secrets.token_urlsafe()) <= set(string.ascii_letters + string.digits + "-_")
    assert len({secrets.token_hex(8) for _ in range(20)}) == 20


def test_choices():
    assert {secrets.choice("ab") for _ in range(60)} == {"a", "b"}
    assert {secrets.randbelow(3) for _ in range(90)} == {0, 1, 2} and secrets.randbits(5) < 32
    assert sorted(secrets.SystemRandom().sample(range(5), 5)) == [0, 1, 2, 3, 4]


def test_comparison():
    assert secrets.compare_digest("token", "token") and not secrets.compare_digest(b"a", b"b")
