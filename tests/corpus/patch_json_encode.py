# Replaces the method that writes the result, and writes results that are none.
# outcome: InvalidResult

import json


def run(contact, existing_contact, logger, **kwargs):
    json.JSONEncoder.encode = lambda self, value: '["another"]'
    contact.results["changed"] = True
    return contact
