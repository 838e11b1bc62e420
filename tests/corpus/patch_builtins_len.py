# Replaces len, so that everything seems to be empty or has no end.
# outcome: ok

import builtins


def run(contact, existing_contact, logger, **kwargs):
    builtins.len = lambda value: -1
    contact.results["x"] = [1, 2, 3]
    return contact
