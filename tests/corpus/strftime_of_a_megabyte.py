# Formats the date with a pattern of a megabyte, whose result seems to need ever more room.
# outcome: FuelExhausted

import time


def run(contact, existing_contact, logger, **kwargs):
    time.strftime("%" * 1_000_001)
    return contact
