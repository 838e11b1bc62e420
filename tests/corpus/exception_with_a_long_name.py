# Raises an exception whose class has a name of a megabyte.
# outcome: Exception
# message: LongLong

def run(contact, existing_contact, logger, **kwargs):
    raise type("Long" * 250_000, (Exception,), {})
