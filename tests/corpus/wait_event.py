# Waits for a threading event that nobody can set.
# outcome: Exception
# message: nobody can end this wait

import threading


def run(contact, existing_contact, logger, **kwargs):
    threading.Event().wait()
    return contact
