# Logs and prints NUL characters, which PostgreSQL cannot store.
# outcome: ok
# contained: "logged"

def run(contact, existing_contact, logger, **kwargs):
    print("a\0b")
    logger.info("\0")
    contact.results["out"] = "logged"
    return contact
