# Raises an exception whose text is computed for ever: describing it counts as part of the run.
# outcome: FuelExhausted

class Odd(Exception):
    def __str__(self):
        while True:
            pass


def run(contact, existing_contact, logger, **kwargs):
    raise Odd
