# Doubles a bytearray until it does not fit.
# outcome: MemoryLimit

def run(contact, existing_contact, logger, **kwargs):
    block = bytearray(b"x")
    while True:
        block *= 2
