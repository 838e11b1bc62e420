# Computes 9**9**9, a number of 370 million digits.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    nine = 9
    contact.results["tower"] = nine**nine**nine
    return contact
