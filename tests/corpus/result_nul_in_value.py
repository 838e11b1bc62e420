# Puts a NUL character into a value, which PostgreSQL cannot store.
# outcome: InvalidResult
# message: NUL

def run(contact, existing_contact, logger, **kwargs):
    contact.params["x"] = {"y": ["a\0b"]}
    return contact
