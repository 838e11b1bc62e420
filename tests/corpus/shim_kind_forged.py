# Walks up its own frames into the runtime, and makes it report an error of the host's at the last possible place.
# outcome: Exception
# message: Internal: disk full

import sys


def run(contact, existing_contact, logger, **kwargs):
    frame = sys._getframe()
    while frame is not None:
        if "WitWorld" in frame.f_globals:
            failure = frame.f_globals["describe"].__globals__["Failure"]
            frame.f_globals["describe"] = lambda error: failure("Internal", "disk full", line=2**32 - 1, column=2**32 - 1)
        frame = frame.f_back
    raise ValueError
