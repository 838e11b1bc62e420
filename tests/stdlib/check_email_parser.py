"""email.parser"""

import io
from email.parser import BytesFeedParser, BytesHeaderParser, BytesParser, HeaderParser, Parser
from email.policy import default

RAW = b"""\
From: =?iso-8859-1?q?Andr=E9?= <andre@example.com>
To: office@example.com
Subject: Re: your letter
Date: Tue, 10 Mar 2026 15:15:15 +0545
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain; charset="windows-1252"
Content-Transfer-Encoding: quoted-printable

I paid 50 =80.
--b
Content-Type: application/octet-stream; name="r.bin"
Content-Disposition: attachment; filename="r.bin"
Content-Transfer-Encoding: base64

AAEC
--b--
"""


def test_bytes():
    message = BytesParser(policy=default).parsebytes(RAW)
    assert message["from"].addresses[0].display_name == "André"
    assert message["date"].datetime.isoformat() == "2026-03-10T15:15:15+05:45"
    assert message.get_body().get_content() == "I paid 50 €."
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "r.bin" and attachment.get_content() == b"\0\1\2"


def test_text_and_headers_only():
    message = Parser().parsestr(RAW.decode())
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/mixed", "text/plain", "application/octet-stream"]
    assert message.get_payload(0).get_payload(decode=True) == b"I paid 50 \x80."
    assert not HeaderParser().parsestr(RAW.decode()).is_multipart()
    assert BytesHeaderParser().parse(io.BytesIO(RAW))["To"] == "office@example.com"


def test_in_pieces():
    parser = BytesFeedParser(policy=default)
    for start in range(0, len(RAW), 50):
        parser.feed(RAW[start : start + 50])
    assert parser.close()["subject"] == "Re: your letter"


def test_defects_are_told_not_raised():
    message = Parser(policy=default).parsestr("Content-Type: multipart/mixed; boundary=x\n\nno parts")
    defects = [type(defect).__name__ for defect in message.defects]
    assert defects == ["StartBoundaryNotFoundDefect", "MultipartInvariantViolationDefect"]


def test_many_charsets():
    for charset, raw in (
        ("utf-8", "Zoë".encode()),
        ("iso-8859-15", b"\xa4"),
        ("koi8-r", b"\xd0"),
        ("gb2312", b"\xc4\xe3"),
        ("shift_jis", b"\x82\xa0"),
    ):
        head = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n".encode()
        assert BytesParser(policy=default).parsebytes(head + raw).get_content() == raw.decode(charset), charset
