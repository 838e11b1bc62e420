# Asks for a text of a terabyte, more than a 32-bit machine can address.
# outcome: Exception
# message: OverflowError

def run(contact, existing_contact, logger, **kwargs):
    contact.name = "x" * (1 << 40)
    return contact
