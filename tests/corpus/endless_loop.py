# Loops for ever in plain Python.
# outcome: FuelExhausted
# message: the run used all of the 500,000,000 fuel

def run(contact, existing_contact, logger, **kwargs):
    while True:
        pass
