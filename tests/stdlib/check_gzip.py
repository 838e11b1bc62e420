"""gzip"""

import gzip
import io

TEXT = b"pay now or pay later. " * 50


def test_there_and_back():
    packed = gzip.compress(TEXT)
    assert packed[:2] == b"\x1f\x8b" and len(packed) < 100 and gzip.decompress(packed) == TEXT
    assert gzip.compress(b"a", mtime=0) == gzip.compress(b"a", mtime=0)
    assert gzip.decompress(gzip.compress(b"a") + gzip.compress(b"b")) == b"ab"
    assert len(gzip.compress(TEXT, 9)) <= len(gzip.compress(TEXT, 1))


def test_streams():
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", mtime=5) as file:
        file.write(TEXT)
    stream.seek(0)
    with gzip.open(stream, "rt", encoding="utf-8") as file:
        assert file.read(7) == "pay now"
    stream.seek(0)
    with gzip.GzipFile(fileobj=stream) as file:
        assert file.read() == TEXT and file.mtime == 5


def test_what_is_no_gzip():
    for broken, error in ((b"plain", gzip.BadGzipFile), (gzip.compress(TEXT)[:-3], EOFError)):
        try:
            gzip.decompress(broken)
        except error:
            continue
        raise AssertionError("it is broken")
