# Calls the host's functions by a number that does not exist.
# outcome: Trap

import logging


def run(contact, existing_contact, logger, **kwargs):
    raw = logging.getLogger().handlers[0]._write.__globals__["wit_logging"]
    raw.componentize_py_runtime.call_import(10_000, [1, 2, 3])
    return contact
