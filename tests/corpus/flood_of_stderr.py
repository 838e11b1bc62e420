# Writes to the error stream for ever.
# outcome: FuelExhausted

import sys


def run(contact, existing_contact, logger, **kwargs):
    while True:
        sys.stderr.write("x" * 100_000)
