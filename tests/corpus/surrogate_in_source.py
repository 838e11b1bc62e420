# Writes a lone surrogate into the source as an escape, and compiles a text that holds a real one.
# outcome: Exception
# message: UnicodeEncodeError

def run(contact, existing_contact, logger, **kwargs):
    exec("x = '\ud800'")
    return contact
