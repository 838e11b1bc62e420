# Makes the runtime answer with a contact that has its id twice, once right and once wrong.
# outcome: InvalidResult

import json


def run(contact, existing_contact, logger, **kwargs):
    honest = json.JSONEncoder.encode
    json.JSONEncoder.encode = lambda self, value: honest(self, value)[:-1] + ',"id":"another"}'
    return contact
