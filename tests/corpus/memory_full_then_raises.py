# Fills the memory to the last bytes, then raises something else, which has to be described without any.
# outcome: Exception | MemoryLimit

hoard = []


def run(contact, existing_contact, logger, **kwargs):
    size = 1 << 20
    while size:
        try:
            hoard.append(bytearray(size))
        except MemoryError:
            size //= 2
    raise ValueError("no memory is left to describe this")
