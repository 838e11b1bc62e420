# Returns infinity, written as a number that is too large.
# outcome: InvalidResult
# message: contact.internal_data.x

def run(contact, existing_contact, logger, **kwargs):
    contact.internal_data["x"] = -1e999
    return contact
