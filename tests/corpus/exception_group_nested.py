# Raises a group within a group, 500 levels deep.
# outcome: Exception
# message: ExceptionGroup

def run(contact, existing_contact, logger, **kwargs):
    error = ValueError("innermost")
    for level in range(500):
        error = ExceptionGroup(str(level), [error])
    raise error
