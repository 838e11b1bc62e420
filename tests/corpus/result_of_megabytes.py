# Returns a megabyte and a half of text.
# outcome: ResultTooLarge
# message: 1,048,576 are allowed

def run(contact, existing_contact, logger, **kwargs):
    contact.params["text"] = "x" * 1_500_000
    return contact
