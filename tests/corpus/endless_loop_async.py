# Gives way to the event loop for ever, so that no single step is long.
# outcome: FuelExhausted

import asyncio


async def run(contact, existing_contact, logger, **kwargs):
    while True:
        await asyncio.sleep(0)
