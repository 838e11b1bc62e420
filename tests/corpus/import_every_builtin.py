# Imports every module that is built into the interpreter, those for its own tests and internals included.
# outcome: ok
# contained: "imported"

import importlib
import sys


def run(contact, existing_contact, logger, **kwargs):
    for name in sys.builtin_module_names:
        try:
            importlib.import_module(name)
        except ImportError:
            pass
    contact.results["out"] = "imported"
    return contact
