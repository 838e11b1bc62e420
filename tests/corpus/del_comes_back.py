# Brings itself back to life whenever it is finalised, in a cycle that the collector meets again and again.
# outcome: ok
# contained: "undead"

import gc

graveyard = []


class Undead:
    def __init__(self):
        self.me = self

    def __del__(self):
        graveyard.append(self)


def run(contact, existing_contact, logger, **kwargs):
    for _ in range(100):
        Undead()
        gc.collect()
        graveyard.clear()
    contact.results["out"] = "undead"
    return contact
