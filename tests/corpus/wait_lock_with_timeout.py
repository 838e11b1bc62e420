# Waits an hour for a lock that it holds itself: without threads there is nothing to wait for.
# outcome: ok
# contained: false

import _thread


def run(contact, existing_contact, logger, **kwargs):
    lock = _thread.allocate_lock()
    lock.acquire()
    contact.results["out"] = lock.acquire(True, 3600)
    return contact
