# Returns the class in place of a contact.
# outcome: InvalidResult

def run(contact, existing_contact, logger, **kwargs):
    return Contact
