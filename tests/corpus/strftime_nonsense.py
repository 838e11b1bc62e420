# Formats the date with directives that do not exist, and with surrogates and NULs.
# outcome: ok
# contained: "survived"

import time


def run(contact, existing_contact, logger, **kwargs):
    for pattern in ("%" * 1001, "%\ud800", "%Q%E%O%", "\0%Y\0" * 100, "\udfff"):
        try:
            time.strftime(pattern)
            datetime.now().strftime(pattern)
        except (ValueError, UnicodeError):
            pass
    contact.results["out"] = "survived"
    return contact
