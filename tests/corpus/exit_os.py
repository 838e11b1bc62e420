# Ends the process with os._exit, which the runtime has replaced.
# outcome: Exception
# message: RuntimeError

import os


def run(contact, existing_contact, logger, **kwargs):
    os._exit(3)
