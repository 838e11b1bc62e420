# Makes the results themselves look like one of the boundary's tags.
# outcome: InvalidResult
# message: contact.results: its own keys must be text other than '$'

def run(contact, existing_contact, logger, **kwargs):
    contact.results = {"$": "set", "v": []}
    return contact
