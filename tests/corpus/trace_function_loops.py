# Sets a profile function that loops for ever once the runtime's code is reached.
# outcome: FuelExhausted

import sys


def profile(frame, event, arg):
    while frame.f_code.co_name != "run":
        pass


def run(contact, existing_contact, logger, **kwargs):
    sys.setprofile(profile)
    return contact
