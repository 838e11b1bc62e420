# Hoards memory while it is loaded.
# outcome: MemoryLimit

hoard = [bytearray(1 << 20) for _ in range(1000)]


def run(contact, existing_contact, logger, **kwargs):
    return contact
