# Fills the memory to the last bytes, then returns: whether the result can still be written depends on what is left.
# outcome: ok | MemoryLimit

hoard = []


def run(contact, existing_contact, logger, **kwargs):
    size = 1 << 20
    while size:
        try:
            hoard.append(bytearray(size))
        except MemoryError:
            size //= 2
    contact.results["text"] = "x" * 100
    return contact
