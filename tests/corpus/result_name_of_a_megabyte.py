# Gives the contact a name of nearly a megabyte: within the limit, and perhaps too long for whoever stores it.
# outcome: InvalidResult
# message: 1000 are allowed

def run(contact, existing_contact, logger, **kwargs):
    contact.name = contact.current_stage = "x" * 500_000
    contact.results["out"] = "renamed"
    return contact
