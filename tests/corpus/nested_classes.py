# Derives 3,000 classes from each other: the list of bases grows with each.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    cls = object
    for _ in range(3_000):
        cls = type("Deeper", (cls,), {})
    contact.results["bases"] = len(cls.__mro__)
    return contact
