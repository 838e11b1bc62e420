# Makes the runtime answer with 20 MB of text, more than may cross the boundary at all.
# outcome: HostCallLimit

import json


def run(contact, existing_contact, logger, **kwargs):
    json.JSONEncoder.encode = lambda self, value: "x" * 20_000_000
    contact.results["changed"] = True
    return contact
