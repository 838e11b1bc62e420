# Returns Decimals that are no numbers, or that are too large to be turned into any.
# outcome: ok
# contained: "kept as text"

from decimal import Decimal


def run(contact, existing_contact, logger, **kwargs):
    contact.params.update(a=Decimal("sNaN"), b=Decimal("-Infinity"), c=Decimal("1e999999"), d=Decimal("NaN123"))
    contact.results["out"] = "kept as text"
    return contact
