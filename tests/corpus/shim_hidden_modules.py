# Imports the modules on the other side of the SDK, which are hidden from strategies.
# outcome: ok
# contained: []

import importlib


def run(contact, existing_contact, logger, **kwargs):
    found = []
    for name in "wit_world wit_world.imports wit_world.imports.http componentize_py_types shim shim.host app tzdata".split():
        try:
            importlib.import_module(name)
            found.append(name)
        except ImportError:
            pass
    contact.results["out"] = found
    return contact
