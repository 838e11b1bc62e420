# Reads the standard input, to wait for ever or to see what the host is given.
# outcome: ok
# contained: ""

import posix


def run(contact, existing_contact, logger, **kwargs):
    try:
        contact.results["out"] = posix.read(0, 100).decode()
    except OSError:
        contact.results["out"] = ""
    return contact
