"""zlib"""

import zlib

TEXT = b"pay now or pay later. " * 50


def test_there_and_back():
    for level in (0, 1, 6, 9):
        assert zlib.decompress(zlib.compress(TEXT, level)) == TEXT
    assert len(zlib.compress(TEXT)) < 60 and zlib.decompress(bytes.fromhex("789c4b040000620062")) == b"a"


def test_in_pieces():
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(TEXT[:100]) + packer.compress(TEXT[100:]) + packer.flush()
    unpacker = zlib.decompressobj(wbits=-15)
    first = unpacker.decompress(packed, max_length=10)
    assert first == TEXT[:10] and first + unpacker.decompress(unpacker.unconsumed_tail) + unpacker.flush() == TEXT
    assert unpacker.eof and zlib.decompressobj().copy().eof is False
    with_dictionary = zlib.compressobj(zdict=b"pay later")
    data = with_dictionary.compress(b"pay later") + with_dictionary.flush()
    assert zlib.decompressobj(zdict=b"pay later").decompress(data) == b"pay later"


def test_gzip_streams_too():
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(b"hi") + packer.flush()
    assert packed[:2] == b"\x1f\x8b" and zlib.decompress(packed, wbits=47) == b"hi"


def test_checksums():
    assert zlib.crc32(b"123456789") == 0xCBF43926 and zlib.adler32(b"Wikipedia") == 0x11E60398
    assert zlib.crc32(b"789", zlib.crc32(b"123456")) == 0xCBF43926


def test_broken_data():
    for broken in (b"plain text", zlib.compress(TEXT)[:-1]):
        try:
            zlib.decompress(broken)
        except zlib.error:
            continue
        raise AssertionError("it is broken")
