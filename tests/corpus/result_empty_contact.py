# Empties the contact's own dictionary and returns it.
# outcome: Exception
# message: AttributeError

def run(contact, existing_contact, logger, **kwargs):
    contact.__dict__.clear()
    return contact
