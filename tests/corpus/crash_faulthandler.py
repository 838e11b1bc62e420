# Crashes the interpreter with the functions that exist to test crashes.
# outcome: Trap

import faulthandler


def run(contact, existing_contact, logger, **kwargs):
    faulthandler._sigsegv()
