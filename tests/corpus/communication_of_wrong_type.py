# Appends a dictionary in place of a communication.
# outcome: InvalidResult
# message: contact.communications[0]: must be a Communication

def run(contact, existing_contact, logger, **kwargs):
    contact.communications.append({"name": "Hello", "stage_name": "Mail"})
    return contact
