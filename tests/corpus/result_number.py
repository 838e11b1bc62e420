# Returns a number in place of the contact.
# outcome: InvalidResult
# message: a value of type int

def run(contact, existing_contact, logger, **kwargs):
    return 42
