# Replaces its own module by an object that loops when it is asked for its contents.
# outcome: ok | FuelExhausted

import sys


class Module:
    @property
    def __dict__(self):
        while True:
            pass


def run(contact, existing_contact, logger, **kwargs):
    return contact


# Whether the runtime looks at it depends on how it imports the strategy.
sys.modules[__name__] = Module()
