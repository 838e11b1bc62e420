# Logs with arguments and widths that become gigabytes when they are formatted.
# outcome: ok
# contained: "logged"

def run(contact, existing_contact, logger, **kwargs):
    for _ in range(20):
        logger.info("%1000000000d", 1)
        logger.info("%s" * 1000, *["x" * 10_000] * 1000)
        logger.info("%d %s", "no number")
    contact.results["out"] = "logged"
    return contact
