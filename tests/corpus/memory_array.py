# Makes arrays of a hundred million numbers.
# outcome: MemoryLimit

import array


def run(contact, existing_contact, logger, **kwargs):
    contact.results["size"] = len(array.array("q", bytes(8)) * 100_000_000)
    return contact
