# Makes the runtime answer with an escaped lone surrogate, past the check of the runtime.
# outcome: InvalidResult

import json


def run(contact, existing_contact, logger, **kwargs):
    honest = json.JSONEncoder.encode
    json.JSONEncoder.encode = lambda self, value: honest(self, value).replace("HALF", "\\ud800")
    contact.params["x"] = "HALF"
    return contact
