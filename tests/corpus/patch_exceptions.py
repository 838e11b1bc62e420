# Replaces the built-in exception classes that the runtime catches.
# outcome: Trap

import builtins


def run(contact, existing_contact, logger, **kwargs):
    builtins.BaseException = builtins.Exception = builtins.MemoryError = builtins.SyntaxError = int
    raise ValueError("who catches this?")
