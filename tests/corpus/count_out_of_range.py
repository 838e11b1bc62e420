# Claims to have more communications than a count can hold.
# outcome: InvalidResult
# message: must be a count

def run(contact, existing_contact, logger, **kwargs):
    contact.__dict__["communications_total"] = 2**32
    return contact
