# Sleeps for a day.
# outcome: Exception
# message: time.sleep(86400) is not available

import time


def run(contact, existing_contact, logger, **kwargs):
    time.sleep(86_400)
    return contact
