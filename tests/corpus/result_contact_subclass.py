# Returns a contact whose attributes raise and loop when the runtime reads them.
# outcome: FuelExhausted

class Trick(Contact):
    def __getattribute__(self, name):
        while name == "params":
            pass
        return super().__getattribute__(name)


def run(contact, existing_contact, logger, **kwargs):
    contact.__class__ = Trick
    return contact
