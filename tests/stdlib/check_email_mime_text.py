"""email.mime.text"""

from email.mime.text import MIMEText


def test_plain_and_html():
    plain = MIMEText("Hello", "plain", "us-ascii")
    assert plain["Content-Transfer-Encoding"] == "7bit" and plain.get_content_type() == "text/plain"
    assert plain.get_payload() == "Hello" and plain["MIME-Version"] == "1.0"
    assert MIMEText("<b>x</b>", "html").get_content_subtype() == "html"


def test_other_alphabets():
    message = MIMEText("Zoë привет")
    assert message.get_content_charset() == "utf-8" and message["Content-Transfer-Encoding"] == "base64"
    assert message.get_payload(decode=True).decode() == "Zoë привет"
    assert MIMEText("Zoë", _charset="iso-8859-1").get_payload() == "Zo=EB"


def test_as_it_is_sent():
    # FINDING: needs email.generator, see check_email_message.py.
    assert MIMEText("Hello").as_string().endswith("\n\nHello")
