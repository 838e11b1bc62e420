# Fills a dictionary with numbers that all have the same hash, so that each look-up walks through all of them.
# outcome: FuelExhausted

import sys


def run(contact, existing_contact, logger, **kwargs):
    modulus = sys.hash_info.modulus
    contact.results["size"] = len({i * modulus: None for i in range(1, 50_000)})
    return contact
