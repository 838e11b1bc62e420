# Ends in the middle of a text in three quotes.
# outcome: SyntaxError
# message: unterminated triple-quoted

def run(contact, existing_contact, logger, **kwargs):
    return """contact
