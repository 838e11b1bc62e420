# Makes the runtime answer with a communication that has its id twice, once right and once wrong.
# outcome: InvalidResult

import json


def run(contact, existing_contact, logger, **kwargs):
    honest = json.JSONEncoder.encode
    json.JSONEncoder.encode = lambda self, value: honest(self, value)[:-1] + ',"id":"another"}'
    contact.communications.append(Communication("New", "First Contact", datetime(2026, 3, 11)))
    return contact
