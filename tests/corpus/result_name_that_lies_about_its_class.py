# Gives the contact a name that is no text but says so of itself.
# outcome: Exception
# message: TypeError

class Liar:
    __class__ = str


def run(contact, existing_contact, logger, **kwargs):
    contact.name = Liar()
    return contact
