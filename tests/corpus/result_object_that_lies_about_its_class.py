# Puts an object into results that says it is a text.
# outcome: InvalidResult
# message: cannot be stored

class Liar:
    __class__ = str


def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = Liar()
    return contact
