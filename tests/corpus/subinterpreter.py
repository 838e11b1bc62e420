# Makes a second Python interpreter, which would not have the runtime's replacements.
# outcome: ok
# contained: "contained"

import importlib


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "contained"
    for name in ("_interpreters", "_xxsubinterpreters", "concurrent.interpreters"):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        # Without a file system it cannot even start; if it could, the host would still be the border.
        try:
            module.create()
            contact.results["out"] = f"{name} made an interpreter"
        except Exception:
            pass
    return contact
