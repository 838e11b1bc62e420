# Jumps within a frame with the debugger's means, past the statement that sets a variable.
# outcome: ok
# contained: null

import sys


def jump(frame, event, arg):
    if event == "line" and frame.f_code is target.__code__ and frame.f_lineno == jump.start:
        frame.f_lineno = jump.start + 1
    return jump


def target():
    value = 1
    return value


def run(contact, existing_contact, logger, **kwargs):
    jump.start = target.__code__.co_firstlineno + 1
    sys.settrace(jump)
    # The interpreter gives None to what was never set, with a warning.
    contact.results["out"] = target()
    return contact
