# Feeds the unpickler bytes that are no pickle, 300 different ones.
# outcome: ok
# contained: "survived"

import pickle
import random


def run(contact, existing_contact, logger, **kwargs):
    source = random.Random(7)
    for _ in range(300):
        try:
            pickle.loads(source.randbytes(40))
        except Exception:
            pass
    contact.results["out"] = "survived"
    return contact
