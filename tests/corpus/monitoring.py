# Takes all six tools of sys.monitoring and jumps about in the runtime's code.
# outcome: ok
# contained: "monitored"

import sys


def run(contact, existing_contact, logger, **kwargs):
    monitoring = sys.monitoring
    for tool in range(6):
        monitoring.use_tool_id(tool, "mine")
        monitoring.register_callback(tool, monitoring.events.PY_START, lambda code, offset: monitoring.DISABLE)
        monitoring.set_events(tool, monitoring.events.PY_START)
    contact.results["out"] = "monitored"
    return contact
