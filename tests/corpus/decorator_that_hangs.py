# Decorates its entry point with a function that never returns.
# outcome: FuelExhausted
# message: loading the source used all of the

def forever(function):
    while True:
        pass


@forever
def run(contact, existing_contact, logger, **kwargs):
    return contact
