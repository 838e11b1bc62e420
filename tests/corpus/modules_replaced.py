# Replaces every module in sys.modules by an object that raises.
# outcome: ok
# contained: "replaced"

import sys


class Raises:
    def __getattr__(self, name):
        raise SystemExit(0)


def run(contact, existing_contact, logger, **kwargs):
    for name in list(sys.modules):
        sys.modules[name] = Raises()
    contact.results["out"] = "replaced"
    return contact
