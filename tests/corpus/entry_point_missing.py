# Has no entry point, only a function with a similar name.
# outcome: MissingFunction
# message: the source has no function 'run'; it has Run

def Run(contact, existing_contact, logger, **kwargs):
    return contact
