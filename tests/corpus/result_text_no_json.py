# Makes the runtime answer with text that is no JSON at all.
# outcome: InvalidResult

import json


def run(contact, existing_contact, logger, **kwargs):
    json.JSONEncoder.encode = lambda self, value: "\0" + "{" * 1000
    contact.results["changed"] = True
    return contact
