# Prints for ever.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    while True:
        print("again")
