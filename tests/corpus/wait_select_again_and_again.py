# Waits for nothing at all, no time long, without end: each wait is work for the host.
# outcome: FuelExhausted

import select


def run(contact, existing_contact, logger, **kwargs):
    while True:
        select.select([], [], [], 0)
