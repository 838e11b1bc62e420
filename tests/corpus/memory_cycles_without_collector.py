# Switches the garbage collector off and makes unreachable cycles.
# outcome: MemoryLimit

import gc


def run(contact, existing_contact, logger, **kwargs):
    gc.disable()
    while True:
        block = [bytearray(100_000)]
        block.append(block)
