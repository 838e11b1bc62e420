# Puts a lone surrogate into the contact's e-mail address.
# outcome: InvalidResult
# message: contact.email: text holds a lone surrogate

def run(contact, existing_contact, logger, **kwargs):
    contact.email = "\udfff@example.com"
    return contact
