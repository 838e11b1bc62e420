# Returns two million numbers, of which the runtime reads none: their commas alone are too much.
# outcome: ResultTooLarge

def run(contact, existing_contact, logger, **kwargs):
    contact.results["numbers"] = [0] * 2_000_000
    return contact
