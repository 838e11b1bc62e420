# Empties the event loop's queue while the loop is working on it.
# outcome: Exception
# message: IndexError

import asyncio


async def run(contact, existing_contact, logger, **kwargs):
    loop = asyncio.get_running_loop()
    loop.call_soon(lambda: loop._ready.clear())
    await asyncio.sleep(0)
    return contact
