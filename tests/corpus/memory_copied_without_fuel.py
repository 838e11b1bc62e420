# Copies a large block again and again, which is hardly any Python and much work.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    block = bytes(40 << 20)
    while True:
        bytearray(block)
