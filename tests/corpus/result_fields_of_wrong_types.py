# Assigns values of wrong types to the contact's fields.
# outcome: InvalidResult
# message: contact.name: must be text

def run(contact, existing_contact, logger, **kwargs):
    contact.name = 5
    contact.params = [1]
    contact.communications = None
    return contact
