# Compiles a tuple of ten million constants.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    compile("(" + "0," * 10_000_000 + ")", "bomb", "eval")
    return contact
