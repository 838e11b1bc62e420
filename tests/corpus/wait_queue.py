# Waits for an item in an empty queue.
# outcome: Exception
# message: nobody can end this wait

import queue


def run(contact, existing_contact, logger, **kwargs):
    queue.Queue().get()
    return contact
