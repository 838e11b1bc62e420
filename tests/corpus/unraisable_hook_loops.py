# Replaces the hook for exceptions in finalisers with an endless loop, then raises one there.
# outcome: FuelExhausted

import sys


class Raises:
    def __del__(self):
        raise ValueError


def forever(*args):
    while True:
        pass


def run(contact, existing_contact, logger, **kwargs):
    sys.unraisablehook = forever
    Raises()
    return contact
