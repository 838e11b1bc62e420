# Calls the host's log function directly with a megabyte, again and again: each call is work for the host.
# outcome: FuelExhausted

import logging


def run(contact, existing_contact, logger, **kwargs):
    raw = logging.getLogger().handlers[0]._write.__globals__["wit_logging"]
    line = "x" * 1_000_000
    while True:
        raw.log(raw.Level.INFO, line)
