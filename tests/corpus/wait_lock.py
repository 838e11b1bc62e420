# Takes a lock twice: there is no other thread that could ever give it back.
# outcome: Trap

import _thread


def run(contact, existing_contact, logger, **kwargs):
    lock = _thread.allocate_lock()
    lock.acquire()
    lock.acquire()
    return contact
