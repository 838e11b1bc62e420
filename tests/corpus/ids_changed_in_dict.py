# Changes the contact's id in its dictionary.
# outcome: InvalidResult
# message: contact.id is read-only

def run(contact, existing_contact, logger, **kwargs):
    contact.__dict__["id"] = "0192f0c1-2345-7abc-8def-0123456789ab"
    return contact
