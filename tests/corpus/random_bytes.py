# Asks for random bytes without end.
# outcome: FuelExhausted

import os


def run(contact, existing_contact, logger, **kwargs):
    while True:
        os.urandom(10_000_000)
