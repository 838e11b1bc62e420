# Changes the contact's object id past the read-only attribute, to take over another one.
# outcome: InvalidResult
# message: contact.object_id is read-only

def run(contact, existing_contact, logger, **kwargs):
    object.__setattr__(contact, "object_id", "OTHER")
    return contact
