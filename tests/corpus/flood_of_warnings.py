# Warns for ever, each time in other words so that none is a repetition.
# outcome: FuelExhausted

import warnings


def run(contact, existing_contact, logger, **kwargs):
    i = 0
    while True:
        i += 1
        warnings.warn(f"warning {i}")
