# Returns 28 small lists that hold each other twice: hundreds of millions of items when written out.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    shared = []
    for _ in range(28):
        shared = [shared, shared]
    contact.results["shared"] = shared
    return contact
