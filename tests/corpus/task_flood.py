# Starts tasks without end.
# outcome: FuelExhausted

import asyncio


async def nothing():
    await asyncio.sleep(0)


async def run(contact, existing_contact, logger, **kwargs):
    tasks = []
    while True:
        tasks.append(asyncio.create_task(nothing()))
