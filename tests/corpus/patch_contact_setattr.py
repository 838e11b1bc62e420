# Replaces Contact.__setattr__, so that read-only fields can be assigned to.
# outcome: InvalidResult
# message: contact.object_id is read-only

def run(contact, existing_contact, logger, **kwargs):
    Contact.__setattr__ = object.__setattr__
    contact.object_id = "OTHER"
    return contact
