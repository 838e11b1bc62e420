# Decompresses a megabyte into a gigabyte.
# outcome: FuelExhausted

import zlib


def run(contact, existing_contact, logger, **kwargs):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    # A block that stands for itself can be repeated.
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    contact.results["size"] = len(zlib.decompress(block * 1000, -15))
    return contact
