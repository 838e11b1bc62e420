# Puts a lone surrogate into the contact's stage.
# outcome: InvalidResult
# message: contact.current_stage

def run(contact, existing_contact, logger, **kwargs):
    contact.current_stage = "\ud800"
    return contact
