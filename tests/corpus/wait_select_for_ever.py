# Waits for nothing at all, without a limit, which the host refuses.
# outcome: Trap

import select


def run(contact, existing_contact, logger, **kwargs):
    select.select([], [], [])
    return contact
