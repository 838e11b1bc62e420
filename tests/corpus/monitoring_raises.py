# Raises from a monitoring callback wherever the runtime calls a function, until nothing is left that could report it.
# outcome: Trap

import sys


def callback(code, *args):
    if code is not run.__code__:
        raise SystemExit("not here")


def run(contact, existing_contact, logger, **kwargs):
    sys.monitoring.use_tool_id(0, "mine")
    sys.monitoring.register_callback(0, sys.monitoring.events.PY_START, callback)
    sys.monitoring.set_events(0, sys.monitoring.events.PY_START)
    return contact
