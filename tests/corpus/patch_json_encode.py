# Replaces the method that writes the result, and writes a contact with other ids.
# outcome: InvalidResult

import json


def run(contact, existing_contact, logger, **kwargs):
    json.JSONEncoder.encode = lambda self, value: '{"id": "another"}'
    return contact
