# Registers a function to be called when the interpreter ends, which loops for ever.
# outcome: ok
# contained: "registered"

import atexit


def forever():
    while True:
        pass


def run(contact, existing_contact, logger, **kwargs):
    # The host drops the instance without ending the interpreter: nothing is called.
    atexit.register(forever)
    contact.results["out"] = "registered"
    return contact
