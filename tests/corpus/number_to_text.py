# Switches off the limit on digits and writes numbers of some 10,000 digits as decimal text without end.
# outcome: FuelExhausted

import sys


def run(contact, existing_contact, logger, **kwargs):
    sys.set_int_max_str_digits(0)
    while True:
        contact.name = str(1 << 25_000)
