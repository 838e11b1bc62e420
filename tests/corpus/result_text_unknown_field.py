# Makes the runtime answer with a communication that has a field more.
# outcome: InvalidResult
# message: unknown field

import json


def run(contact, existing_contact, logger, **kwargs):
    honest = json.JSONEncoder.encode
    json.JSONEncoder.encode = lambda self, value: honest(self, value)[:-1] + ',"tenant_id":"another"}'
    contact.communications.append(Communication("New", "First Contact", datetime(2026, 3, 11)))
    return contact
