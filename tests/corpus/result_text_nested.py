# Makes the runtime answer with JSON that is nested 100,000 levels deep, for the host's parser.
# outcome: InvalidResult

import json


def run(contact, existing_contact, logger, **kwargs):
    json.JSONEncoder.encode = lambda self, value: '{"params":' + '{"a":' * 100_000 + "1" + "}" * 100_001
    contact.results["changed"] = True
    return contact
