# Opens a connection through asyncio.
# outcome: ok
# contained: "denied"

import asyncio


async def run(contact, existing_contact, logger, **kwargs):
    try:
        await asyncio.open_connection("1.1.1.1", 80)
        contact.results["out"] = "reached"
    except (OSError, NotImplementedError):
        contact.results["out"] = "denied"
    return contact
