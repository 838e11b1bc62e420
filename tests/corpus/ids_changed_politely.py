# Assigns to a read-only field.
# outcome: Exception
# message: AttributeError: contact.external_id is read-only

def run(contact, existing_contact, logger, **kwargs):
    contact.external_id = "SOMEBODY"
    return contact
