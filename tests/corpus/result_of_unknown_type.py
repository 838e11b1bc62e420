# Puts an object of its own class into results.
# outcome: InvalidResult
# message: a value of type Thing cannot be stored

class Thing:
    pass


def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = Thing()
    return contact
