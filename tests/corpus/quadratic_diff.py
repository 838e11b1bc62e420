# Compares two texts with difflib, which takes cubic time where everything is alike.
# outcome: FuelExhausted

import difflib


def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = difflib.SequenceMatcher(None, "ab" * 5_000, "ba" * 5_000, autojunk=False).ratio()
    return contact
