# Removes the fast JSON encoder and the function that escapes texts.
# outcome: Exception
# message: TypeError

import json


def run(contact, existing_contact, logger, **kwargs):
    json.encoder.c_make_encoder = json.encoder.encode_basestring = None
    contact.results["changed"] = True
    return contact
