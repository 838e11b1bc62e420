# Fills the memory, catches every MemoryError and tries again without end.
# outcome: MemoryLimit

def run(contact, existing_contact, logger, **kwargs):
    hoard = []
    while True:
        try:
            hoard.append(bytearray(1 << 20))
        except MemoryError:
            pass
