# Puts a lone surrogate into a key of params.
# outcome: InvalidResult
# message: lone surrogate

def run(contact, existing_contact, logger, **kwargs):
    contact.params["\ud800"] = 1
    return contact
