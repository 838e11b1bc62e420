# Waits an hour for nothing at all.
# outcome: Timeout

import select


def run(contact, existing_contact, logger, **kwargs):
    select.select([], [], [], 3600)
    return contact
