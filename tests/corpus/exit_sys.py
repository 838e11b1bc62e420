# Ends the interpreter with sys.exit.
# outcome: Exception
# message: SystemExit: 3

import sys


def run(contact, existing_contact, logger, **kwargs):
    sys.exit(3)
