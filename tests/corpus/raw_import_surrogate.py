# Calls the host's log function directly, with text that the boundary cannot carry.
# outcome: Trap

import logging


def raw_log():
    write = logging.getLogger().handlers[0]._write
    return write.__globals__["wit_logging"]


def run(contact, existing_contact, logger, **kwargs):
    raw = raw_log()
    raw.log(raw.Level.INFO, "\ud800")
    return contact
