# Ends the process with the C function behind os._exit.
# outcome: Trap

import posix


def run(contact, existing_contact, logger, **kwargs):
    posix._exit(0)
