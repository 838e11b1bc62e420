# Reads a JSON text of 100,000 opening brackets.
# outcome: StackOverflow
# message: stack of 2 MiB

import json


def run(contact, existing_contact, logger, **kwargs):
    contact.results["all"] = json.loads("[" * 100_000)
    return contact
