# Writes a number of many digits as text, against which Python has a limit of its own.
# outcome: Exception
# message: ValueError: Exceeds the limit (4300 digits)

def run(contact, existing_contact, logger, **kwargs):
    contact.name = str(1 << 100_000)
    return contact
