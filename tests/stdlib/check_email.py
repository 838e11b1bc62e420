"""email: reading a message in one call."""

import email
import io
from email import policy

RAW = b"Subject: =?utf-8?q?Zo=C3=AB?=\r\nFrom: jane@example.com\r\n\r\nPaid.\r\n"


def test_from_text_bytes_and_files():
    for message in (
        email.message_from_bytes(RAW),
        email.message_from_string(RAW.decode()),
        email.message_from_binary_file(io.BytesIO(RAW)),
        email.message_from_file(io.StringIO(RAW.decode())),
    ):
        assert message["from"] == "jane@example.com" and message.get_payload().strip() == "Paid."


def test_the_modern_policy_decodes():
    message = email.message_from_bytes(RAW, policy=policy.default)
    assert message["subject"] == "Zoë" and message.get_content() == "Paid.\r\n"
