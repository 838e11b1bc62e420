# Calls the host's log function directly with 50 MB of text.
# outcome: HostCallLimit

import logging


def run(contact, existing_contact, logger, **kwargs):
    raw = logging.getLogger().handlers[0]._write.__globals__["wit_logging"]
    raw.log(raw.Level.INFO, "x" * 50_000_000)
    return contact
