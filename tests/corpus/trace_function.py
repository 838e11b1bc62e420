# Sets a trace function that runs for each line, also the runtime's own, and raises.
# outcome: Exception
# message: SystemExit: 0

import sys


def trace(frame, event, arg):
    frame.f_trace_opcodes = True
    if frame.f_code.co_name == "result":
        raise SystemExit(0)
    return trace


def run(contact, existing_contact, logger, **kwargs):
    sys.settrace(trace)
    contact.results["out"] = "traced"
    return contact
