# Imports the time module afresh, which brings the real sleep back, and sleeps for a day.
# outcome: Timeout
# message: the run took longer than

import sys


def run(contact, existing_contact, logger, **kwargs):
    del sys.modules["time"]
    import time

    time.sleep(86_400)
    return contact
