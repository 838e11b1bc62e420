# Crashes the interpreter with the function that raises SIGABRT to test crashes.
# outcome: Trap

import faulthandler


def run(contact, existing_contact, logger, **kwargs):
    faulthandler._sigabrt()
