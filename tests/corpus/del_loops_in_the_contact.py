# Attaches an object to the contact whose finaliser loops once the runtime lets go of the contact.
# outcome: FuelExhausted

class Loops:
    def __del__(self):
        while True:
            pass


def run(contact, existing_contact, logger, **kwargs):
    contact._kept = Loops()
    return contact
