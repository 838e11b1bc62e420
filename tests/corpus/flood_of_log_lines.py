# Logs 3,000 lines.
# outcome: ok
# contained: "logged"

def run(contact, existing_contact, logger, **kwargs):
    for i in range(3_000):
        logger.info("line %d", i)
    contact.results["out"] = "logged"
    return contact
