"""codecs: every one that the runtime brings along, also by the names that mail and files give it."""

import codecs
import io

# A text, and what it is in each encoding.
TEXTS = {
    "ascii us-ascii 646": ("Hi", "4869"),
    "utf_8 utf-8 UTF8 u8": ("Zoë€🙂", "5a6fc3abe282acf09f9982"),
    "utf_8_sig utf-8-sig": ("ë", "efbbbfc3ab"),
    "utf_16_le utf-16le": ("ë🙂", "eb003dd842de"),
    "utf_16_be utf-16be": ("ë🙂", "00ebd83dde42"),
    "utf_16 utf16": ("ë", "fffeeb00"),
    "utf_32_le": ("🙂", "42f60100"),
    "utf_32_be": ("🙂", "0001f642"),
    "utf_32 utf32": ("ë", "fffe0000eb000000"),
    "utf_7 utf-7": ("ë+", "2b414f73414b772d"),
    "latin_1 iso-8859-1 latin1 l1 iso8859_1": ("Zoë", "5a6feb"),
    "iso8859_2 latin2 iso-8859-2": ("Łódź", "a3f364bc"),
    "iso8859_5 cyrillic iso-8859-5": ("Привет", "bfe0d8d2d5e2"),
    "iso8859_7 greek iso-8859-7": ("αβ", "e1e2"),
    "iso8859_9 latin5 iso-8859-9": ("ışĞ", "fdfed0"),
    "iso8859_15 latin9 iso-8859-15": ("€Œ", "a4bc"),
    "cp1250 windows-1250": ("€Łš", "80a39a"),
    "cp1251 windows-1251": ("Привет", "cff0e8e2e5f2"),
    "cp1252 windows-1252": ("Zoë €“", "5a6feb208093"),
    "cp1253 windows-1253": ("αβ", "e1e2"),
    "cp1254 windows-1254": ("ışĞ€", "fdfed080"),
    "cp1255 windows-1255": ("שלום", "f9ece5ed"),
    "cp1256 windows-1256": ("سلام", "d3e1c7e3"),
    "cp1257 windows-1257": ("Šūņi", "d0fbf269"),
    "cp1258 windows-1258": ("đ₫", "f0fe"),
    "cp437 ibm437": ("é½", "82ab"),
    "cp850 850": ("é½", "82ab"),
    "cp852": ("łŠ", "88e6"),
    "cp866": ("Привет", "8fe0a8a2a5e2"),
    "cp037 ebcdic-cp-us": ("Hi 1", "c88940f1"),
    "koi8_r koi8-r": ("Привет", "f0d2c9d7c5d4"),
    "koi8_u koi8-u": ("Їжак", "b7d6c1cb"),
    "mac_roman macintosh": ("Zoë€", "5a6f91db"),
    "big5 big5-tw": ("中文", "a4a4a4e5"),
    "gb2312 chinese": ("中文", "d6d0cec4"),
    "gbk cp936": ("中文", "d6d0cec4"),
    "gb18030": ("中文€🙂", "d6d0cec4a2e395308532"),
    "shift_jis sjis": ("あア漢", "82a083418abf"),
    "euc_jp euc-jp": ("あア漢", "a4a2a5a2b4c1"),
    "iso2022_jp iso-2022-jp": ("あ", "1b244224221b2842"),
    "euc_kr euc-kr": ("한글", "c7d1b1db"),
    "idna": ("bücher.example", b"xn--bcher-kva.example".hex()),
    "punycode": ("bücher", b"bcher-kva".hex()),
    "unicode_escape": ("ë\n€", b"\\xeb\\n\\u20ac".hex()),
    "raw_unicode_escape": ("ë€", "eb" + b"\\u20ac".hex()),
}


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_text_encodings():
    for names, (text, raw) in TEXTS.items():
        for name in names.split():
            assert text.encode(name).hex() == raw, (name, text.encode(name).hex())
            assert bytes.fromhex(raw).decode(name) == text, name
            assert codecs.lookup(name).name


def test_bytes_to_bytes():
    for name, plain, coded in (
        ("base64_codec", b"Zo\xeb", b"Wm/r\n"),
        ("hex_codec", b"\x01\xfe", b"01fe"),
        ("quopri_codec", b"a=\xeb", b"a=3D=EB"),
    ):
        assert codecs.encode(plain, name) == coded and codecs.decode(coded, name) == plain, name
    assert codecs.decode(codecs.encode(b"text" * 9, "zlib_codec"), "zlib_codec") == b"text" * 9
    assert codecs.encode(b"a", "hex") == b"61" and codecs.decode(b"YQ==", "base64") == b"a"
    raised(LookupError, "a".encode, "hex")


def test_text_to_text_and_ones_own_tables():
    assert codecs.encode("Pay", "rot_13") == "Cnl" == codecs.decode("Pay", "rot13")
    assert codecs.charmap_encode("ab", "strict", {97: 1, 98: 2}) == (b"\x01\x02", 2)
    assert codecs.lookup("charmap").decode(b"a\xeb") == ("aë", 2)


def test_what_to_do_with_errors():
    assert "Zoë €".encode("ascii", "replace") == b"Zo? ?" and "Zoë".encode("ascii", "ignore") == b"Zo"
    assert "ë€".encode("ascii", "xmlcharrefreplace") == b"&#235;&#8364;"
    assert "ë🙂".encode("ascii", "backslashreplace") == b"\\xeb\\U0001f642"
    assert "€".encode("ascii", "namereplace") == b"\\N{EURO SIGN}"
    assert b"a\xff".decode("utf-8", "replace") == "a\ufffd" and b"a\xff".decode("utf-8", "surrogateescape") == "a\udcff"
    error = raised(UnicodeDecodeError, b"ab\xff".decode, "utf-8")
    assert (error.start, error.end, error.reason) == (2, 3, "invalid start byte")
    raised(UnicodeEncodeError, "\ud800".encode)
    codecs.register_error("star", lambda error: ("*", error.end))
    assert "Zoë".encode("ascii", "star") == b"Zo*"


def test_in_pieces():
    decoder = codecs.getincrementaldecoder("utf-8")()
    assert [decoder.decode(bytes([byte])) for byte in "€".encode()] == ["", "", "€"]
    assert list(codecs.iterdecode([b"\x82", b"\xa0"], "shift_jis")) == ["あ"]
    assert b"".join(codecs.iterencode(["a", "ë"], "utf-16")) == b"\xff\xfea\x00\xeb\x00"
    assert codecs.getincrementalencoder("iso2022_jp")().encode("あ", final=True) == b'\x1b$B$"\x1b(B'


def test_streams():
    assert codecs.getreader("cp1251")(io.BytesIO(b"\xcf\xf0")).read() == "Пр"
    raw = io.BytesIO()
    codecs.getwriter("utf-8-sig")(raw).write("ë")
    assert raw.getvalue() == codecs.BOM_UTF8 + "ë".encode()
    assert codecs.EncodedFile(io.BytesIO("ë".encode("latin-1")), "utf-8", "latin-1").read() == "ë".encode()


def test_names():
    assert codecs.lookup("UTF8").name == "utf-8" and codecs.lookup("Windows-1252").name == "cp1252"
    assert str(raised(LookupError, "a".encode, "no-such-code")) == "unknown encoding: no-such-code"
    assert "é".encode("LATIN1") == b"\xe9" == "é".encode("iso-8859-1")


def test_ones_own_codec():
    def find(name):
        if name == "shout":
            return codecs.CodecInfo(
                lambda text, errors="strict": (text.upper().encode(), len(text)), None, name="shout"
            )

    codecs.register(find)
    assert "pay".encode("shout") == b"PAY"
    codecs.unregister(find)
