# Adds up an endless iterator, which builds an ever longer number in C.
# outcome: FuelExhausted

import itertools


def run(contact, existing_contact, logger, **kwargs):
    contact.results["sum"] = sum(itertools.count())
    return contact
