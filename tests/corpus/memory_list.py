# Hoards blocks of a megabyte in a list.
# outcome: MemoryLimit
# message: 128 MiB of memory

def run(contact, existing_contact, logger, **kwargs):
    hoard = []
    while True:
        hoard.append(bytearray(1 << 20))
