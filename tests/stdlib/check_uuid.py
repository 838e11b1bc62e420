"""uuid"""

import pickle
import sys
import uuid

IN_SANDBOX = sys.platform == "wasi"
KNOWN = uuid.UUID("12345678-1234-5678-9234-567812345678")


def test_ways_to_write_one():
    for text in ("{12345678-1234-5678-9234-567812345678}", "12345678123456789234567812345678", f"urn:uuid:{KNOWN}"):
        assert uuid.UUID(text) == KNOWN
    assert uuid.UUID(bytes=KNOWN.bytes) == uuid.UUID(int=KNOWN.int) == uuid.UUID(bytes_le=KNOWN.bytes_le) == KNOWN
    assert str(KNOWN) == "12345678-1234-5678-9234-567812345678" and KNOWN.hex == "12345678123456789234567812345678"
    assert repr(KNOWN) == f"UUID('{KNOWN}')" and KNOWN.bytes_le[:4] == bytes.fromhex("78563412")
    try:
        uuid.UUID("1234")
    except ValueError as error:
        assert str(error) == "badly formed hexadecimal UUID string"
    else:
        raise AssertionError("too short")


def test_parts():
    assert (KNOWN.version, KNOWN.variant, KNOWN.time_low) == (5, uuid.RFC_4122, 0x12345678)
    assert KNOWN.fields == (0x12345678, 0x1234, 0x5678, 0x92, 0x34, 0x567812345678) and KNOWN.node == 0x567812345678


def test_names_give_the_same_id_everywhere():
    assert str(uuid.uuid5(uuid.NAMESPACE_DNS, "python.org")) == "886313e1-3b8a-5372-9b90-0c9aee199e5d"
    assert str(uuid.uuid3(uuid.NAMESPACE_DNS, "python.org")) == "6fa459ea-ee8a-3ca4-894e-db77e160355e"
    assert uuid.uuid5(uuid.NAMESPACE_URL, "https://a") != uuid.uuid5(uuid.NAMESPACE_OID, "https://a")


def test_random_ids():
    ids = [uuid.uuid4() for _ in range(20)]
    assert len(set(ids)) == 20 and {i.version for i in ids} == {4} and {i.variant for i in ids} == {uuid.RFC_4122}


def test_ids_of_the_time():
    first, second = uuid.uuid1(), uuid.uuid1()
    assert first != second and first.version == 1 and second.time > first.time
    assert uuid.uuid1(node=5, clock_seq=3).node == 5 and uuid.getnode() == uuid.getnode()


def test_order_and_copies():
    assert sorted([KNOWN, uuid.UUID(int=1)])[0].int == 1 and {KNOWN: 1}[uuid.UUID(str(KNOWN))] == 1
    assert pickle.loads(pickle.dumps(KNOWN)) == KNOWN and KNOWN.is_safe is uuid.SafeUUID.unknown


def test_newer_versions():
    if sys.version_info >= (3, 14):
        assert uuid.NIL.int == 0 and uuid.MAX.int == 2**128 - 1
        ids = [uuid.uuid7() for _ in range(5)]
        assert ids == sorted(ids) and len(set(ids)) == 5 and {i.version for i in ids} == {7}
        assert uuid.uuid6().version == 6 and uuid.uuid8(1, 2, 3).version == 8


if IN_SANDBOX:

    def test_times_in_ids_are_the_runs():
        assert uuid.uuid7().time == 1773135015123  # milliseconds since 1970
        assert uuid.uuid1().time // 10_000_000 - 12_219_292_800 in (1773135015, 1773135016)  # 100 ns since 1582
