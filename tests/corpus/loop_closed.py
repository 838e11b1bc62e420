# Stops and closes the event loop that it runs on, then goes on.
# outcome: ok
# contained: "went on"

import asyncio


async def run(contact, existing_contact, logger, **kwargs):
    loop = asyncio.get_running_loop()
    loop.stop()
    loop.close()
    contact.results["out"] = "went on"
    return contact
