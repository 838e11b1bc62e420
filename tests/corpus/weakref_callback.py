# Registers weak reference callbacks that raise, and finalisers that never come to run.
# outcome: ok
# contained: "went on"

import weakref


class Thing:
    pass


def run(contact, existing_contact, logger, **kwargs):
    thing = Thing()
    reference = weakref.ref(thing, lambda _: 1 / 0)
    weakref.finalize(contact, lambda: 1 / 0)
    del thing
    contact.results["out"] = "went on" if reference() is None else "alive"
    return contact
