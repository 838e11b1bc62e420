# Catches the recursion error at each level and recurses again, which makes exponentially many calls.
# outcome: FuelExhausted

def f():
    try:
        f()
    except RecursionError:
        f()


def run(contact, existing_contact, logger, **kwargs):
    f()
    return contact
