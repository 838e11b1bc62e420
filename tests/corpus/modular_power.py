# Computes a modular power of numbers of a million bits.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = pow(3, 1 << 1_000_000, (1 << 1_000_000) + 1)
    return contact
