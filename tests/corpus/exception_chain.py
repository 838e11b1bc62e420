# Raises an exception with 2,000 others as contexts.
# outcome: Exception
# message: ValueError: 1999

def run(contact, existing_contact, logger, **kwargs):
    error = None
    for i in range(2_000):
        new = ValueError(i)
        new.__context__ = error
        error = new
    raise error
