# Grows a deque from an endless iterator, in C alone; the fuel ends before the memory.
# outcome: FuelExhausted

import collections
import itertools


def run(contact, existing_contact, logger, **kwargs):
    contact.results["size"] = len(collections.deque(itertools.repeat(None)))
    return contact
