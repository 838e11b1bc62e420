# Replaces print and open, the names that an audit would look at.
# outcome: ok
# contained: "replaced"

import builtins


def run(contact, existing_contact, logger, **kwargs):
    builtins.print = builtins.open = lambda *args: 1 / 0
    contact.results["out"] = "replaced"
    return contact
