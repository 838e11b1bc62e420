# Walks through 12! permutations, which are produced in C.
# outcome: FuelExhausted

import itertools


def run(contact, existing_contact, logger, **kwargs):
    contact.results["count"] = sum(1 for _ in itertools.permutations(range(12)))
    return contact
