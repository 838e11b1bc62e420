# Walks up its own frames into the runtime, and makes it describe errors with text that the boundary cannot carry.
# outcome: Trap

import sys


def run(contact, existing_contact, logger, **kwargs):
    frame = sys._getframe()
    while frame is not None:
        if "WitWorld" in frame.f_globals:
            failure = frame.f_globals["describe"].__globals__["Failure"]
            frame.f_globals["describe"] = lambda error: failure("Odd", "\ud800")
        frame = frame.f_back
    raise ValueError
