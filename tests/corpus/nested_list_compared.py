# Compares two lists that are nested 100,000 levels deep.
# outcome: StackOverflow

def nest(levels):
    nested = []
    for _ in range(levels):
        nested = [nested]
    return nested


def run(contact, existing_contact, logger, **kwargs):
    contact.results["same"] = nest(100_000) == nest(100_000)
    return contact
