"""quopri"""

import io
import quopri


def test_there_and_back():
    assert quopri.encodestring("Zoë = 5 €".encode()) == b"Zo=C3=AB =3D 5 =E2=82=AC"
    assert quopri.decodestring(b"Zo=C3=AB =3D 5 =E2=82=AC") == "Zoë = 5 €".encode()


def test_lines():
    long = quopri.encodestring(b"x" * 100)
    assert max(map(len, long.splitlines())) <= 76 and quopri.decodestring(long) == b"x" * 100
    assert quopri.encodestring(b"a b \n") == b"a b=20\n" and quopri.encodestring(b"a b", quotetabs=True) == b"a=20b"
    assert quopri.encodestring(b"a_ b", header=True) == b"a=5F_b"


def test_streams():
    output = io.BytesIO()
    quopri.decode(io.BytesIO(b"a=3Db=\nc"), output)
    assert output.getvalue() == b"a=bc"
