# Two tasks each wait for the lock that the other holds.
# outcome: Exception
# message: can never complete

import asyncio


async def both(first, second):
    async with first:
        await asyncio.sleep(0)
        async with second:
            pass


async def run(contact, existing_contact, logger, **kwargs):
    a, b = asyncio.Lock(), asyncio.Lock()
    await asyncio.gather(both(a, b), both(b, a))
    return contact
