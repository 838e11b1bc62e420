# Logs an exception with a long chain of causes, again and again.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    error = None
    for i in range(500):
        try:
            raise ValueError(i) from error
        except ValueError as one:
            error = one
    while True:
        logger.error("again", exc_info=error)
