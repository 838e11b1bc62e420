# Lets itertools keep everything that one of two iterators has not seen yet; the fuel ends before the memory.
# outcome: FuelExhausted

import itertools


def run(contact, existing_contact, logger, **kwargs):
    left, right = itertools.tee(itertools.count(10**6))
    for _ in left:
        pass
    return contact
