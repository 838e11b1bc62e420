"""marshal"""

import io
import marshal


def test_there_and_back():
    value = [None, True, 2**40, 1.5, "Zoë", b"\0", (1,), {"a": [1]}, {1, 2}, frozenset("a"), 1j]
    assert marshal.loads(marshal.dumps(value)) == value


def test_code():
    code = compile("result = n * 2", "rule", "exec")
    names = {"n": 4}
    exec(marshal.loads(marshal.dumps(code)), names)
    assert names["result"] == 8


def test_streams_and_errors():
    stream = io.BytesIO()
    marshal.dump([1], stream)
    stream.seek(0)
    assert marshal.load(stream) == [1]
    for call, error in (
        (lambda: marshal.dumps(object()), ValueError),
        (lambda: marshal.loads(b""), EOFError),
        (lambda: marshal.loads(b"?x"), ValueError),
    ):
        try:
            call()
        except error:
            continue
        raise AssertionError("nothing was raised")
