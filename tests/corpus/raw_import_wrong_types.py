# Calls the host's log function directly, with values of wrong types.
# outcome: Trap

import logging


def run(contact, existing_contact, logger, **kwargs):
    raw = logging.getLogger().handlers[0]._write.__globals__["wit_logging"]
    raw.log(99, None)
    return contact
