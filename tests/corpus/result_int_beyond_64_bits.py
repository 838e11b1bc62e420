# Returns a whole number of more than 64 bits.
# outcome: InvalidResult
# message: more than 64 bits

def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = 2**64
    return contact
