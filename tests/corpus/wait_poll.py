# Polls the standard input with the longest time that there is.
# outcome: Exception
# message: OSError: [Errno 58]

import select


def run(contact, existing_contact, logger, **kwargs):
    poll = select.poll()
    poll.register(0)
    poll.poll(2**31 - 1)
    return contact
