# Replaces the list of communications by one whose iterator never ends, to keep the runtime busy reading it.
# outcome: FuelExhausted

import itertools


class Endless(list):
    def __iter__(self):
        return itertools.repeat(Communication("Hello", stage_name="Mail", start_date=datetime.now()))


def run(contact, existing_contact, logger, **kwargs):
    contact.communications = Endless()
    return contact
