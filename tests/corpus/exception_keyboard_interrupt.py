# Raises KeyboardInterrupt, which usually ends a program.
# outcome: Exception
# message: KeyboardInterrupt

def run(contact, existing_contact, logger, **kwargs):
    raise KeyboardInterrupt
