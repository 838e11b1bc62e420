# Makes a deep copy of a list that is nested 5,000 levels deep.
# outcome: Exception
# message: RecursionError

import copy


def run(contact, existing_contact, logger, **kwargs):
    nested = []
    for _ in range(5_000):
        nested = [nested]
    contact.results["copy"] = copy.deepcopy(nested)
    return contact
