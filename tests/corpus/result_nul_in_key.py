# Puts a NUL character into a key.
# outcome: InvalidResult
# message: NUL

def run(contact, existing_contact, logger, **kwargs):
    contact.params["a\0b"] = 1
    return contact
