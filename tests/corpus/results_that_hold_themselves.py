# Returns results that contain themselves.
# outcome: InvalidResult
# message: nested deeper than 32 levels

def run(contact, existing_contact, logger, **kwargs):
    contact.results["self"] = contact.results
    return contact
