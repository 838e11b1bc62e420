# Sets a timer that sets the next one: timers fire at once here, so this would never end by itself.
# outcome: FuelExhausted

import asyncio


async def run(contact, existing_contact, logger, **kwargs):
    loop = asyncio.get_running_loop()

    def again():
        loop.call_later(1_000_000, again)

    again()
    await loop.create_future()
    return contact
