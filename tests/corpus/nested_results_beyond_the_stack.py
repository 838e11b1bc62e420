# Returns results that are nested 100,000 levels deep: refusing them is easy, letting go of them is not.
# outcome: StackOverflow

def run(contact, existing_contact, logger, **kwargs):
    nested = []
    for _ in range(100_000):
        nested = [nested]
    contact.results["nested"] = nested
    return contact
