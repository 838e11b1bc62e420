# Returns numbers that JSON cannot hold.
# outcome: InvalidResult
# message: contact.results.x[1]: nan

def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = [1.0, float("nan"), float("inf")]
    return contact
