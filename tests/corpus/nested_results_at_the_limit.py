# Returns results that are nested exactly as deep as is allowed, to find two limits that disagree.
# outcome: ok

def run(contact, existing_contact, logger, **kwargs):
    nested = 1
    for _ in range(31):
        nested = [nested]
    contact.results.update(nested=nested, out="at the limit")
    return contact
