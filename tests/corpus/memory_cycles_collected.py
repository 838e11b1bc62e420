# Makes unreachable cycles of a gigabyte in all; the collector counts objects, not bytes, and comes too late.
# outcome: MemoryLimit

def run(contact, existing_contact, logger, **kwargs):
    for _ in range(10_000):
        block = [bytearray(100_000)]
        block.append(block)
    return contact
