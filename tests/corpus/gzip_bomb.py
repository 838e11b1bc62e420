# Decompresses a gzip file of a thousand members, each of which becomes a megabyte.
# outcome: FuelExhausted

import gzip


def run(contact, existing_contact, logger, **kwargs):
    contact.results["size"] = len(gzip.decompress(gzip.compress(bytes(1 << 20)) * 1000))
    return contact
