# Raises an exception whose text has NULs, line breaks and terminal escapes.
# outcome: Exception
# message: ValueError

def run(contact, existing_contact, logger, **kwargs):
    raise ValueError("\0\x1b[2J\r\n\u2028\u202e" * 10)
