# Sets a stage of 30 kB that compresses badly, too long for an entry of a database's index.
# outcome: InvalidResult
# message: 1000 are allowed

import random


def run(contact, existing_contact, logger, **kwargs):
    contact.current_stage = random.Random(7).randbytes(15_000).hex()
    contact.results["out"] = "set"
    return contact
