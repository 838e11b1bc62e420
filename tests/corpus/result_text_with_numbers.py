# Makes the runtime answer with a valid contact whose numbers are beyond every type of the host's.
# outcome: InvalidResult

import json


def run(contact, existing_contact, logger, **kwargs):
    honest = json.JSONEncoder.encode
    json.JSONEncoder.encode = lambda self, value: honest(self, value).replace('"BIG"', "1e999999")
    contact.params["x"] = "BIG"
    return contact
