# Runs 200 random instructions.
# outcome: Trap | StackOverflow | Exception | FuelExhausted | MemoryLimit

import random


def run(contact, existing_contact, logger, **kwargs):
    code = (lambda: None).__code__
    exec(code.replace(co_code=random.Random(11).randbytes(400)))
    return contact
