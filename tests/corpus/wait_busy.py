# Waits for the clock to move, which it never does within a run.
# outcome: FuelExhausted

import time


def run(contact, existing_contact, logger, **kwargs):
    end = time.monotonic() + 1
    while time.monotonic() < end:
        pass
    return contact
