# Returns 50 MB of text, which the runtime refuses before it is written.
# outcome: ResultTooLarge

def run(contact, existing_contact, logger, **kwargs):
    contact.params["text"] = "x" * 50_000_000
    return contact
