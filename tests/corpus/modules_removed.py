# Empties sys.modules, sys.meta_path and sys.path_hooks.
# outcome: ok
# contained: "removed"

import sys


def run(contact, existing_contact, logger, **kwargs):
    sys.modules.clear()
    sys.meta_path.clear()
    sys.path_hooks.clear()
    contact.results["out"] = "removed"
    return contact
