# Changes local variables of the runtime's frames, among them what it was given.
# outcome: Exception
# message: AttributeError

import sys


def run(contact, existing_contact, logger, **kwargs):
    frame = sys._getframe().f_back
    while frame is not None:
        for name in ("given", "hook", "function"):
            if name in frame.f_locals:
                frame.f_locals[name] = None
        frame = frame.f_back
    return contact
