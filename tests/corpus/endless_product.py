# Collects a cartesian product of 10**30 tuples into a list.
# outcome: FuelExhausted

import itertools


def run(contact, existing_contact, logger, **kwargs):
    contact.results["all"] = list(itertools.product(range(1000), repeat=10))
    return contact
