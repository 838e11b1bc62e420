# Computes the factorial of ten million.
# outcome: FuelExhausted

import math


def run(contact, existing_contact, logger, **kwargs):
    contact.results["digits"] = math.factorial(10_000_000)
    return contact
