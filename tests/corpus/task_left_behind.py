# Leaves tasks behind that would run for ever, and that refuse to be cancelled.
# outcome: ok
# contained: "returned"

import asyncio


async def stubborn():
    while True:
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            pass


async def run(contact, existing_contact, logger, **kwargs):
    for _ in range(10):
        asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    contact.results["out"] = "returned"
    return contact
