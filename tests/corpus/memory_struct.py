# Packs a structure of two thousand million bytes.
# outcome: MemoryLimit

import struct


def run(contact, existing_contact, logger, **kwargs):
    contact.results["size"] = len(struct.pack("2000000000s", b"x"))
    return contact
