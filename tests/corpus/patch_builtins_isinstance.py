# Makes isinstance say yes to everything.
# outcome: InvalidResult

import builtins


def run(contact, existing_contact, logger, **kwargs):
    builtins.isinstance = lambda value, cls: True
    contact.results["x"] = object()
    return 42
