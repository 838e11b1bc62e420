# Reads a CSV field of 3 MB into the results, after raising the module's own limit.
# outcome: ResultTooLarge

import csv


def run(contact, existing_contact, logger, **kwargs):
    csv.field_size_limit(2**31 - 1)
    contact.results["row"] = next(csv.reader(['"' + "x" * 3_000_000 + '"']))
    return contact
