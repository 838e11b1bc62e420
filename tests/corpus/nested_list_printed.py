# Prints a list that is nested 10,000 levels deep: each level looks through those around it.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    nested = []
    for _ in range(10_000):
        nested = [nested]
    print(nested)
    return contact
