# Divides with a precision of a hundred million digits.
# outcome: FuelExhausted

import decimal


def run(contact, existing_contact, logger, **kwargs):
    decimal.getcontext().prec = 100_000_000
    contact.results["x"] = decimal.Decimal(1) / 7
    return contact
