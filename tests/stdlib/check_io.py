"""io: files in memory. There are no others."""

import io
import sys

IN_SANDBOX = sys.platform == "wasi"


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_text_in_memory():
    text = io.StringIO("one\ntwo\n")
    assert text.readline() == "one\n" and list(text) == ["two\n"] and text.read() == ""
    text.write("three")
    assert text.getvalue() == "one\ntwo\nthree" and text.seek(0) == 0 and text.read(3) == "one"
    print("a", 1, sep="-", file=text)
    assert text.getvalue() == "onea-1\n\nthree" and text.tell() == 7
    with io.StringIO() as closed:
        pass
    raised(ValueError, closed.read)


def test_bytes_in_memory():
    data = io.BytesIO(b"abc")
    assert data.read(2) == b"ab" and data.tell() == 2 and data.seek(-1, io.SEEK_END) == 2
    data.write(b"de")
    assert data.getvalue() == b"abde" and bytes(data.getbuffer()[1:3]) == b"bd" and data.readinto(bytearray(5)) == 0
    data.truncate(1)
    assert data.getvalue() == b"a" and data.readable() and data.seekable() and not data.isatty()


def test_line_breaks():
    assert io.StringIO("a\r\nb\rc\n", newline=None).read() == "a\nb\nc\n"
    assert io.StringIO("a\r\nb", newline="").readlines() == ["a\r\n", "b"]
    assert io.StringIO("a\r\nb").getvalue() == "a\r\nb"


def test_decoding_a_stream():
    stream = io.TextIOWrapper(io.BytesIO("Zoë\r\nx".encode("cp1252")), encoding="cp1252")
    assert stream.readline() == "Zoë\n" and stream.encoding == "cp1252" and stream.read() == "x"
    raw = io.BytesIO()
    writer = io.TextIOWrapper(raw, "utf-16-le", newline="\r\n", write_through=True)
    writer.write("a\n")
    assert raw.getvalue() == b"a\x00\r\x00\n\x00" and writer.detach() is raw
    raised(UnicodeDecodeError, io.TextIOWrapper(io.BytesIO(b"\xff"), "utf-8").read)
    assert io.TextIOWrapper(io.BytesIO(b"\xff"), "utf-8", "replace").read() == "\ufffd"


def test_buffers():
    reader = io.BufferedReader(io.BytesIO(b"one\ntwo"), 4)
    assert reader.peek(1)[:1] == b"o" and reader.readline() == b"one\n" and reader.read() == b"two"
    raw = io.BytesIO()
    writer = io.BufferedWriter(raw)
    writer.write(b"x")
    assert raw.getvalue() == b""
    writer.flush()
    assert raw.getvalue() == b"x"


def test_a_stream_of_ones_own():
    class Shout(io.TextIOBase):
        def __init__(self):
            self.heard = []

        def write(self, text):
            self.heard.append(text.upper())
            return len(text)

    shout = Shout()
    print("hi", end="", file=shout)
    assert "".join(shout.heard) == "HI"
    raised(io.UnsupportedOperation, shout.fileno)
    assert issubclass(io.UnsupportedOperation, OSError) and issubclass(io.UnsupportedOperation, ValueError)


if IN_SANDBOX:

    def test_there_are_no_files():
        for call in (open, io.open):
            error = raised(FileNotFoundError, call, "notes.txt", "w")
            assert error.filename == "notes.txt" and error.errno == 44
            assert "a strategy has no file system: keep data in contact.internal_data" in str(error)
        raised(OSError, io.FileIO, "notes.txt")
