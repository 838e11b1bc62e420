# Prints a list that is nested 100,000 levels deep: at each level, repr looks through all the levels around it.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    nested = []
    for _ in range(100_000):
        nested = [nested]
    print(nested)
    return contact
