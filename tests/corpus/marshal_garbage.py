# Feeds marshal bytes that are no marshalled object, of which its own documentation warns.
# outcome: ok
# contained: "survived"

import marshal
import random


def run(contact, existing_contact, logger, **kwargs):
    source = random.Random(7)
    for _ in range(1_000):
        try:
            marshal.loads(source.randbytes(40))
        except Exception:
            pass
    contact.results["out"] = "survived"
    return contact
