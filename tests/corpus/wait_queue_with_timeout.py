# Waits a second for an item in an empty queue, by a clock that stands still.
# outcome: Exception
# message: nobody can end this wait

import queue


def run(contact, existing_contact, logger, **kwargs):
    queue.Queue().get(timeout=1)
    return contact
