# Is an asynchronous generator.
# outcome: InvalidResult
# message: the entry point is a generator

async def run(contact, existing_contact, logger, **kwargs):
    while True:
        yield contact
