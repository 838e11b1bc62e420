# Raises GeneratorExit from a coroutine.
# outcome: Exception
# message: GeneratorExit

async def run(contact, existing_contact, logger, **kwargs):
    raise GeneratorExit
