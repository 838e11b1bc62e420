# Loops for ever in a finaliser.
# outcome: FuelExhausted

class Loops:
    def __del__(self):
        while True:
            pass


def run(contact, existing_contact, logger, **kwargs):
    Loops()
    return contact
