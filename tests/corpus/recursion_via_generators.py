# Delegates to a generator that delegates to another, without end.
# outcome: Exception
# message: RecursionError

def deeper():
    yield from deeper()


def run(contact, existing_contact, logger, **kwargs):
    contact.results["all"] = list(deeper())
    return contact
