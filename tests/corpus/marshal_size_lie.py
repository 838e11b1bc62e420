# Feeds marshal a short stream that claims to hold a tuple of two thousand million items.
# outcome: Exception
# message: MemoryError

import marshal


def run(contact, existing_contact, logger, **kwargs):
    marshal.loads(b"(" + (2**31 - 1).to_bytes(4, "little"))
    return contact
