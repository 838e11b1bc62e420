# Misspells an attribute of an object that lists its names for ever, since error messages suggest similar ones.
# outcome: FuelExhausted

class Endless:
    def __dir__(self):
        while True:
            pass


def run(contact, existing_contact, logger, **kwargs):
    return Endless().nam
