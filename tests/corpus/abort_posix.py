# Aborts the process.
# outcome: Trap
# message: the Python process aborted

import posix


def run(contact, existing_contact, logger, **kwargs):
    posix.abort()
