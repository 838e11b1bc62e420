# Schedules a callback that schedules the next one, so that the event loop never has nothing to do.
# outcome: FuelExhausted

import asyncio


async def run(contact, existing_contact, logger, **kwargs):
    loop = asyncio.get_running_loop()

    def again():
        loop.call_soon(again)

    again()
    await loop.create_future()
    return contact
