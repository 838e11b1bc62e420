# Makes the runtime answer with an escaped NUL character, past the check of the runtime.
# outcome: InvalidResult
# message: contains a NUL character

import json


def run(contact, existing_contact, logger, **kwargs):
    honest = json.JSONEncoder.encode
    json.JSONEncoder.encode = lambda self, value: honest(self, value).replace("ZERO", "\\u0000")
    contact.params["x"] = {"y": ["ZERO"]}
    return contact
