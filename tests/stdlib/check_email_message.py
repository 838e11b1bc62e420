"""email.message: writing a message."""

from email.message import EmailMessage, Message


def letter():
    message = EmailMessage()
    message["Subject"] = "Ihre Rate für März"
    message["From"] = "Büro <office@example.com>"
    message["To"] = "jane@example.com, bob@example.com"
    message.set_content("Guten Tag, Zoë\n")
    return message


def test_headers():
    message = letter()
    assert message["subject"] == "Ihre Rate für März"
    assert [a.addr_spec for a in message["to"].addresses] == ["jane@example.com", "bob@example.com"]
    assert message["from"].addresses[0].display_name == "Büro" and message.keys()[:3] == ["Subject", "From", "To"]
    message.replace_header("Subject", "New")
    del message["To"]
    assert message["Subject"] == "New" and message["to"] is None and "From" in message
    try:
        message["Subject"] = "Two"
    except ValueError as error:
        assert str(error) == "There may be at most 1 Subject headers in a message"
    else:
        raise AssertionError("a subject is there")


def test_other_parts():
    message = letter()
    message.add_alternative("<p>Guten Tag</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Rate März.pdf")
    message.add_attachment("a,b", filename="t.csv")
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf", "text/plain",
    ]  # fmt: skip
    assert message.get_body(("html",)).get_content() == "<p>Guten Tag</p>\n" and message.is_multipart()
    first, second = message.iter_attachments()
    assert (first.get_filename(), first.get_content(), second.get_content()) == ("Rate März.pdf", b"%PDF", "a,b\n")


def test_the_old_class():
    message = Message()
    message["Subject"] = "Hi"
    message.set_payload("Zoë", "utf-8")
    assert message.get_payload(decode=True) == "Zoë".encode() and message.get_content_charset() == "utf-8"
    message.add_header("X-Tag", "a", part="b c")
    assert message["X-Tag"] == 'a; part="b c"' and message.items()[0] == ("Subject", "Hi")


# FINDING: as_string(), as_bytes() and str() of any message import email.generator late, which is not in the runtime.


def test_as_it_is_sent():
    text = letter().as_string()
    assert "Subject: Ihre Rate =?utf-8?q?f=C3=BCr_M=C3=A4rz?=\n" in text
    assert 'Content-Type: text/plain; charset="utf-8"\n' in text and "Content-Transfer-Encoding: base64\n" in text
    raw = letter().as_bytes()
    assert raw.endswith("\n\nGuten Tag, Zoë\n".encode()) and b"Content-Transfer-Encoding: 8bit\n" in raw
    assert b"From: =?utf-8?q?B=C3=BCro?= <office@example.com>\n" in raw
    assert str(letter()).startswith("Subject: Ihre Rate")


def test_attachments_as_they_are_sent():
    message = letter()
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Rate März.pdf")
    raw = message.as_bytes()
    assert b"\nJVBERg==\n" in raw and b"filename*=utf-8''Rate%20M%C3%A4rz.pdf" in raw
