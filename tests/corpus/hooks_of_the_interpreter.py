# Replaces the functions that the interpreter calls for uncaught and ignored exceptions.
# outcome: ok
# contained: "replaced"

import sys
import threading


def forever(*args):
    while True:
        pass


def run(contact, existing_contact, logger, **kwargs):
    sys.excepthook = sys.displayhook = sys.breakpointhook = threading.excepthook = forever
    contact.results["out"] = "replaced"
    return contact
