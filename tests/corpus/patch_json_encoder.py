# Removes the fast JSON encoder and the function that escapes texts; the runtime has its own names for them.
# outcome: ok

import json


def run(contact, existing_contact, logger, **kwargs):
    json.encoder.c_make_encoder = json.encoder.encode_basestring = None
    contact.results["changed"] = True
    return contact
