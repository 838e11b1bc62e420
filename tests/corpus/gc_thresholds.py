# Lets the garbage collector walk through everything at every allocation.
# outcome: FuelExhausted

import gc


def run(contact, existing_contact, logger, **kwargs):
    gc.set_threshold(1, 1, 1)
    gc.unfreeze()
    contact.results["size"] = len([[] for _ in range(100_000)])
    return contact
