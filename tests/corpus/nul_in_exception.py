# Raises an exception whose text is a NUL character.
# outcome: Exception
# message: ValueError

def run(contact, existing_contact, logger, **kwargs):
    raise ValueError("a\0b")
