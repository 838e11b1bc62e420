# Raises StopIteration, which means something to the machinery that drives coroutines.
# outcome: Exception
# message: StopIteration

async def run(contact, existing_contact, logger, **kwargs):
    raise StopIteration(contact)
