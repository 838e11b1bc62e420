# Imports the module behind the host's functions, which is built into the interpreter, and calls one of them with nonsense.
# outcome: Trap

import componentize_py_runtime


def run(contact, existing_contact, logger, **kwargs):
    componentize_py_runtime.call_import(0, [None, "\ud800", 7])
    return contact
