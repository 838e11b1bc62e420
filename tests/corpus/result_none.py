# Returns nothing.
# outcome: InvalidResult
# message: returned None

def run(contact, existing_contact, logger, **kwargs):
    contact.name = "changed, but not returned"
