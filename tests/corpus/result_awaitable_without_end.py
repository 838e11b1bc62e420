# Returns an object whose await never ends.
# outcome: FuelExhausted

class Endless:
    def __await__(self):
        while True:
            yield


def run(contact, existing_contact, logger, **kwargs):
    return Endless()
