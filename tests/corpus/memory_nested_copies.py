# Copies a nested list again and again, each copy ten times the size of the one before.
# outcome: FuelExhausted

import copy


def run(contact, existing_contact, logger, **kwargs):
    nested = [0]
    while True:
        nested = [copy.deepcopy(nested) for _ in range(10)]
