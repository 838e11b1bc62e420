# Returns a coroutine that gives a coroutine.
# outcome: InvalidResult
# message: coroutine

async def inner(contact):
    return contact


async def run(contact, existing_contact, logger, **kwargs):
    return inner(contact)
