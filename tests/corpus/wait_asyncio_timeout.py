# Waits for a day for something that never comes: time-outs are over at once here.
# outcome: ok
# contained: "over at once"

import asyncio


async def run(contact, existing_contact, logger, **kwargs):
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 86_400)
    except TimeoutError:
        contact.results["out"] = "over at once"
    return contact
