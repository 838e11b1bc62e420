# Answers the question for its parameters with something that is no signature.
# outcome: Exception
# message: TypeError

def run(contact, existing_contact, logger, **kwargs):
    return contact


run.__signature__ = 42
