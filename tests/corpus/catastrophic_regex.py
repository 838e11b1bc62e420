# Runs a regular expression that backtracks exponentially.
# outcome: FuelExhausted

import re


def run(contact, existing_contact, logger, **kwargs):
    contact.results["match"] = bool(re.match(r"(a+)+$", "a" * 40 + "!"))
    return contact
