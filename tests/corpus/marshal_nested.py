# Feeds marshal a stream of 100,000 nested tuples.
# outcome: Exception
# message: ValueError

import marshal


def run(contact, existing_contact, logger, **kwargs):
    marshal.loads(b")\x01" * 100_000 + b"N")
    return contact
