# Awaits itself without end.
# outcome: Exception
# message: RecursionError

async def run(contact, existing_contact, logger, **kwargs):
    return await run(contact, existing_contact, logger)
