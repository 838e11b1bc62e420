# Loops for ever inside one C function, where the interpreter never gets to check anything.
# outcome: FuelExhausted

import itertools


def run(contact, existing_contact, logger, **kwargs):
    any(itertools.repeat(False))
    return contact
