# Hashes the same megabyte a thousand times, all of it in C.
# outcome: FuelExhausted

import hashlib


def run(contact, existing_contact, logger, **kwargs):
    digest = hashlib.sha3_512()
    for _ in range(1_000):
        digest.update(bytes(1 << 20))
    contact.results["x"] = digest.hexdigest()
    return contact
