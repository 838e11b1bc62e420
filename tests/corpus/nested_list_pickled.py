# Pickles a list that is nested 5,000 levels deep, which recurses in C.
# outcome: StackOverflow

import pickle


def run(contact, existing_contact, logger, **kwargs):
    nested = []
    for _ in range(5_000):
        nested = [nested]
    contact.results["pickle"] = pickle.dumps(nested)
    return contact
