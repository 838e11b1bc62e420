# Raises a group of a thousand exceptions.
# outcome: Exception
# message: ExceptionGroup: all

def run(contact, existing_contact, logger, **kwargs):
    raise ExceptionGroup("all", [ValueError(i) for i in range(1_000)])
