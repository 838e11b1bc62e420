# Never finishes loading: the loop is in the module itself, before any hook is called.
# outcome: FuelExhausted
# message: loading the source used all of the

while True:
    pass


def run(contact, existing_contact, logger, **kwargs):
    return contact
