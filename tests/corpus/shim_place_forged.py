# Makes the runtime report an error without text in line 0, with a traceback of 100 kB.
# outcome: Exception
# message: Odd

import sys


def run(contact, existing_contact, logger, **kwargs):
    frame = sys._getframe()
    while frame is not None:
        if "WitWorld" in frame.f_globals:
            failure = frame.f_globals["describe"].__globals__["Failure"]
            frame.f_globals["describe"] = lambda error: failure("Odd", "", traceback="x" * 100_000, line=0, column=0)
        frame = frame.f_back
    raise ValueError
