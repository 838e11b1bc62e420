# Sleeps for a day in async code.
# outcome: Exception
# message: asyncio.sleep(86400) is not available

import asyncio


async def run(contact, existing_contact, logger, **kwargs):
    await asyncio.sleep(86_400)
    return contact
