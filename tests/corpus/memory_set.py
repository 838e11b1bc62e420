# Grows a set from an endless iterator, in C alone; the fuel ends before the memory.
# outcome: FuelExhausted

import itertools


def run(contact, existing_contact, logger, **kwargs):
    contact.results["all"] = set(itertools.count())
    return contact
