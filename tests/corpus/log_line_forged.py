# Logs text that looks like other lines of the log.
# outcome: ok
# contained: "logged"

def run(contact, existing_contact, logger, **kwargs):
    logger.info("fine\n   error | the host is on fire\r   error | really\x1b[1A\x1b[2K")
    contact.results["out"] = "logged"
    return contact
