# Returns results with one level more than is allowed.
# outcome: InvalidResult
# message: nested deeper than 32 levels

def run(contact, existing_contact, logger, **kwargs):
    nested = 1
    for _ in range(32):
        nested = [nested]
    contact.results["nested"] = nested
    return contact
