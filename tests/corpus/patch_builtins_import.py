# Replaces __import__, through which each import statement goes.
# outcome: ok
# contained: "replaced"

import builtins


def run(contact, existing_contact, logger, **kwargs):
    builtins.__import__ = lambda name, *args: contact
    import os

    contact.results["out"] = "replaced" if os is contact else "really imported"
    return contact
