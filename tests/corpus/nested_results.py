# Returns results that are nested 3,000 levels deep.
# outcome: InvalidResult
# message: nested deeper than 32 levels

def run(contact, existing_contact, logger, **kwargs):
    nested = []
    for _ in range(3_000):
        nested = [nested]
    contact.results["nested"] = nested
    return contact
