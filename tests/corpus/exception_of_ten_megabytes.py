# Raises an exception with a message of 10 MB.
# outcome: Exception
# message: ValueError: xxx

def run(contact, existing_contact, logger, **kwargs):
    raise ValueError("x" * 10_000_000)
