# Runs an event loop within the event loop.
# outcome: Exception
# message: RuntimeError

import asyncio


async def run(contact, existing_contact, logger, **kwargs):
    return asyncio.new_event_loop().run_until_complete(asyncio.sleep(0))
