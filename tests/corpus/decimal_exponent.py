# Turns a Decimal with an exponent of nearly a million into a whole number.
# outcome: FuelExhausted

import decimal


def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = int(decimal.Decimal("1e999999"))
    return contact
