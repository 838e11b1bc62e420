"""email.policy"""

from email import policy
from email.message import EmailMessage


def test_policies_are_values():
    strict = policy.strict
    assert strict.raise_on_defect and not policy.default.raise_on_defect and policy.SMTPUTF8.utf8
    assert (policy.HTTP.linesep, policy.HTTP.max_line_length) == ("\r\n", None)
    assert (policy.default + policy.SMTP).linesep == "\r\n" and policy.compat32.header_fetch_parse("A", "b") == "b"


def test_line_ends_and_lengths():
    # FINDING: needs email.generator, see check_email_message.py.
    message = EmailMessage()
    message["Subject"] = "word " * 30
    message.set_content("Hello")
    assert message.as_bytes(policy=policy.SMTP).endswith(b"\r\n\r\nHello\r\n")
    assert max(map(len, message.as_string().splitlines())) <= 78
    assert message.as_string(policy=policy.default.clone(max_line_length=0)).count("\n ") == 0
