# Awaits an event that nobody sets.
# outcome: Exception
# message: can never complete

import asyncio


async def run(contact, existing_contact, logger, **kwargs):
    await asyncio.Event().wait()
    return contact
