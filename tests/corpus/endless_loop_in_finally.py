# Returns the contact, but loops for ever in the finally block on the way out.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    try:
        return contact
    finally:
        while True:
            pass
