# Reads from the null pointer, which is an address like any other in WebAssembly.
# outcome: ok
# contained: "went on"

import faulthandler


def run(contact, existing_contact, logger, **kwargs):
    faulthandler._read_null()
    contact.results["out"] = "went on"
    return contact
