# Replaces the functions that write JSON with ones that write another contact.
# outcome: ok
# contained: "written by the SDK"

import json


def run(contact, existing_contact, logger, **kwargs):
    json.dumps = json.JSONEncoder.default = lambda *args, **kwargs: '{"id": "another"}'
    contact.results["out"] = "written by the SDK"
    return contact
