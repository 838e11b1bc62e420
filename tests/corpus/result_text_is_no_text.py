# Makes the runtime answer with a number in place of text.
# outcome: Exception
# message: TypeError

import json


def run(contact, existing_contact, logger, **kwargs):
    json.JSONEncoder.encode = lambda self, value: 42
    contact.results["changed"] = True
    return contact
